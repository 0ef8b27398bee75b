# lease_keeper.sh - holds a lease on this machine, for as long as it is asked
#
# Runs on the board under any POSIX shell (dash, busybox), started once a lane
# with these words before it:
#
#   lease_dir=... lease_token=... lease_name=... lease_campaign=...
#   lease_owner=... lease_host=... lease_reason=... lease_for=...
#
# lease_for are the names leased together, the first one the board's own.
# Each line of standard input is a request; an answer ends with a line ".".
#
#   take SECONDS [force]  held | kept | busy | failed, after "|" lines of the
#                         leases in the way, or of the one that was taken over;
#                         kept: it was ours already
#   renew SECONDS         ok | lost
#   run GROUP             (no answer) that process group measures now
#   guard GROUP SECONDS|off FIFO   (no answer) said to the guard (lane_guard.c)
#   mode TEXT             ok: the op mode that is to be restored
#   restored              ok: it is
#   show                  "|" lines of every lease, then: now UPTIME BOOT
#   release               ok: the lease is gone
#   leave                 the end, the lease stays (one command at a time)
#
# A lease is a folder of its holder's, lease_dir/NAME, with a file of lines
# "TOKEN KEY VALUE", appended to; the last one counts.  The folder's rename
# makes and ends it, under a lock made by mkdir; time is the boot id and the
# uptime.  When standard input ends without a release, whoever asked is gone:
# its process group is ended, and the lease soon expires.

# shellcheck disable=SC2015  # "A && B || C": C is for both
# shellcheck disable=SC2154  # the words named above
lease_grace=20 # seconds, at most, for a link that broke to come back
lease_held='' lease_group='' lease_start=''
LC_ALL=C
export LC_ALL
trap '' HUP PIPE
umask 022
read -r lease_boot </proc/sys/kernel/random/boot_id || lease_boot=none

say() { printf '%s\n' "$@"; }
is_number() {
    case $1 in '' | *[!0-9]*) return 1 ;; esac
    [ ${#1} -le 10 ]
}
uptime_now() {
    read -r now _ </proc/uptime || return 1
    now=${now%%.*}
}

# The folder, for all users of the board; one that is there stays as it is.
make_dir() {
    [ -d "$lease_dir" ] || {
        mkdir -p "$lease_dir" && chmod 0777 "$lease_dir"
    } 2>/dev/null
    [ -d "$lease_dir" ] && [ ! -h "$lease_dir" ] && [ -w "$lease_dir" ]
}

lock() {
    tries=0
    lock_dir=$lease_dir/.lock.$lease_boot
    while ! mkdir "$lock_dir" 2>/dev/null; do
        [ -d "$lock_dir" ] || make_dir || return 1
        tries=$((tries + 1))
        if [ $tries -gt 15 ]; then # it is held for milliseconds
            rmdir "$lock_dir" 2>/dev/null
            tries=0
        fi
        sleep 1
    done
}
unlock() { rmdir "$lock_dir" 2>/dev/null; }

# What the lease in file $1 says, as l_*; false if it is none.
look() {
    l_token='' l_for=' ' l_boot='' l_campaign='' l_until=0 l_lines=0
    l_mode='' l_moded='' l_group='' l_start=''
    [ -f "$1" ] && [ ! -h "$1" ] || return 1
    while read -r t k v && [ $((l_lines += 1)) -le 5000 ]; do
        : "${l_token:=$t}"
        [ "$t" = "$l_token" ] || continue
        case $k in
        for) l_for="$l_for$v " ;;
        boot) l_boot=$v ;;
        campaign) l_campaign=$v ;;
        until) ! is_number "$v" || l_until=$v ;;
        mode) l_mode=$v l_moded=1 ;;
        restored) l_moded='' ;;
        group) l_group=${v% *} l_start=${v#* } ;;
        esac
    done <"$1"
    [ "$l_token" ]
}
is_live() { # a lease of more than a day is nobody's
    [ "$l_boot" = "$lease_boot" ] && [ "$l_until" -gt "$now" ] &&
        [ "$l_until" -lt $((now + 86400)) ]
}
shares() { # one of our names; the first is the board
    for n in $lease_for; do
        case $l_for in *" $n "*) return 0 ;; esac
    done
    return 1
}
is_of_board() { case $l_for in *" ${lease_for%% *} "*) ;; *) return 1 ;; esac }
show() {
    [ -f "$1" ] && [ ! -h "$1" ] || return 0
    l_lines=0
    while read -r line && [ $((l_lines += 1)) -le 200 ]; do
        say "|$line"
    done <"$1"
    say "|"
}

# Fields of /proc/PID/stat behind the name: 1 state, 3 group, 20 start.
field() { # FIELD PID
    { read -r stat <"/proc/$2/stat"; } 2>/dev/null || return 1
    f=$1
    # shellcheck disable=SC2086  # words
    set -- ${stat##*) }
    shift $((f - 1))
    [ $# -gt 0 ] && value=$1
}
group_runs() {
    for p in /proc/[0-9]*; do
        field 3 "${p#/proc/}" && [ "$value" = "$1" ] || continue
        field 1 "${p#/proc/}" || continue
        case $value in Z | X) ;; *) return 0 ;; esac
    done
    return 1
}
owner_of() { # 3rd word of ls: the user's number
    # shellcheck disable=SC2012,SC2046
    set -- $(ls -ldn "$1" 2>/dev/null)
    value=${3-}
}
signal_group() {
    kill -s "$1" -- "-$2" 2>/dev/null || sudo -n kill -s "$1" -- "-$2" 2>/dev/null
}
# End group $1, whose leader started at $2, if it is still that one.
end_group() {
    is_number "$1" && [ "$1" -gt 1 ] || return 0
    if field 20 "$1" && [ "$value" != "$2" ]; then return 0; fi
    group_runs "$1" || return 0
    for s in TERM KILL; do
        signal_group $s "$1"
        tries=0
        while group_runs "$1" && [ $((tries += 1)) -le 3 ]; do sleep 1; done
        group_runs "$1" || return 0
    done
    return 1
}
# End what the lease in file $1 left, as look() told; nobody's processes but
# its holder's.
end_left() {
    [ "$l_group" ] && [ "$l_boot" = "$lease_boot" ] || return 0
    left=$l_group
    if [ -d "/proc/$l_group" ]; then
        owner_of "/proc/$l_group" && leader=$value
        owner_of "${1%/*}" && [ "$value" = "$leader" ] || return 1
    fi
    end_group "$l_group" "$l_start" && left=''
}

put() { say "$lease_token $*" >>lease; }
is_ours() {
    { read -r t _ <"$lease_dir/$lease_name/lease"; } 2>/dev/null &&
        [ "$t" = "$lease_token" ]
}
# A folder that nobody else can write into, and we stand in it.
make_lease() {
    fresh=$lease_dir/.new.$lease_token
    rm -rf "$lease_dir"/.new.* 2>/dev/null # of who died here, under the lock
    mkdir "$fresh" && cd -P "$fresh" && [ "$(pwd -P)" = "$fresh" ] &&
        [ -O . ] || return 1
    put "for ${lease_for%% *}" || return 1
    for n in ${lease_for#"${lease_for%% *}"}; do put "for $n"; done
    put "boot $lease_boot"
    put "campaign $lease_campaign"
    put "owner $lease_owner"
    put "host $lease_host"
    put "reason $lease_reason"
    put "since $now"
    put "until $((now + $1))"
}

# Leases in the way, of others.  Sets blocked.
find_blocking() {
    blocked=''
    for l in "$lease_dir"/*/lease; do
        look "$l" && shares && [ "$l_campaign" != "$lease_campaign" ] &&
            is_live || continue
        show "$l"
        blocked=1
    done
}
# The lease that we take over, if there is one: its duties become ours.
take_over() {
    olds=0
    for l in "$lease_dir"/*/lease; do
        look "$l" && is_of_board && [ "$l_token" != "$lease_token" ] || continue
        show "$l"
        end_left "$l" || return 1
        [ ! "$l_moded" ] || put "mode $l_mode"
        old=$lease_dir/.old.$lease_token.$((olds += 1))
        mv "${l%/lease}" "$old" || return 1
    done
    rm -rf "$lease_dir"/.old.* 2>/dev/null # another user's may stay
    return 0
}
# What only shares a group with us and is dead measures no more, either.
end_sharers() {
    for l in "$lease_dir"/*/lease; do
        look "$l" && shares && [ "$l_campaign" != "$lease_campaign" ] ||
            continue
        is_live && [ "$1" != force ] || end_left "$l" || return 1
    done
    return 0
}
take_locked() {
    left='' blocked=''
    [ "$2" = force ] || find_blocking
    if [ "$blocked" ]; then
        say busy
        return
    fi
    if make_lease "$1" && take_over && end_sharers "$2" &&
        [ ! -e "$lease_dir/$lease_name" ] &&
        mv "$fresh" "$lease_dir/$lease_name"; then
        lease_held=1
        say held
        return
    fi
    cd / && rm -rf "$fresh"
    [ "$left" ] || say "failed no lease can be made in $lease_dir"
    [ ! "$left" ] || say "failed process group $left of an earlier holder still runs and \
is not ours to end"
}
take() {
    if [ "$lease_held" ] && [ "${2-}" != force ] && is_ours && uptime_now &&
        put "boot $lease_boot" && put "until $((now + $1))"; then
        say kept
    elif is_number "$1" && uptime_now && lock; then
        # a folder by its real name, so that none is taken for another
        lease_dir=$(cd -P "$lease_dir" && pwd -P)
        take_locked "$1" "${2-}"
        unlock
    else
        say "failed cannot write in $lease_dir, or no uptime"
    fi
}
renew() {
    if [ "$lease_held" ] && is_ours && uptime_now && is_number "$1"; then
        put "until $((now + $1))" && say ok
    else
        say lost
        [ ! -f "$lease_dir/$lease_name/lease" ] ||
            show "$lease_dir/$lease_name/lease"
    fi
}
run() {
    lease_group='' lease_start=''
    [ "$lease_held" ] && is_number "$1" && field 20 "$1" || return 0
    lease_group=$1 lease_start=$value
    put "group $1 $value"
}
guard() { # GROUP SECONDS FIFO, which may hold blanks
    set -- "${1#* * }" "${1%"${1#* * }"}"
    [ ! -p "$1" ] || say "${2% }" 1<>"$1"
}
release() {
    if [ "$lease_held" ] && is_ours && lock; then
        if is_ours; then
            cd / && mv "$lease_dir/$lease_name" "$lease_dir/.old.$lease_token" &&
                rm -rf "$lease_dir/.old.$lease_token"
        fi
        unlock
    fi
    lease_held=''
    say ok
}
forsaken() {
    [ "$lease_held" ] || return 0
    [ ! "$lease_group" ] || end_group "$lease_group" "$lease_start"
    is_ours && look lease && uptime_now &&
        [ "$l_until" -gt $((now + lease_grace)) ] &&
        put "until $((now + lease_grace))"
}

# One command at a time: take up what an earlier one held.
if is_ours && cd -P "$lease_dir/$lease_name" && [ -O . ]; then lease_held=1; fi
while read -r verb text; do
    case $verb in
    take)
        # shellcheck disable=SC2086  # words
        take $text
        ;;
    renew) renew "$text" ;;
    run) run "$text" && continue ;;
    guard) guard "$text" && continue ;;
    mode | restored)
        if [ "$lease_held" ] && put "$verb $text"; then say ok; else say lost; fi
        ;;
    show)
        for l in "$lease_dir"/*/lease; do [ ! -f "$l" ] || show "$l"; done
        uptime_now && say "now $now $lease_boot"
        ;;
    release) release ;;
    leave) exit ;;
    esac
    say .
done
forsaken
