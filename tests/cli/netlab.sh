# netlab.sh - hosts and boards with own addresses, for one test; after lib.sh
#
# netlab_begin N KIND...: runs the test again inside the namespace of the lab
# of the first kind (veth, wan) that can be had, or skips it, with sshd boards
# 1 to N at 192.0.2.I.  Sets $inventory (as lab.sh), $net for netlab, $kind,
# $port.

netlab() { "$top/tests/lab/netlab" "$@"; }

netlab_end() {
    lab stop "$work/lab" >/dev/null 2>&1
}

netlab_begin() {
    local code=77
    if [ -z "${LABSWEEP_NETLAB-}" ]; then
        net=labsweep-$$
        for kind in "${@:2}"; do
            [ $code != 77 ] || { code=0 && netlab start "$net" "$1" "$kind" \
                "$BUILD/tests/wan" 2>netlab.log; } || code=$?
        done
        [ $code != 77 ] || skip_all "$(cat netlab.log)"
        [ $code = 0 ] || { cat netlab.log; exit 1; }
        trap 'cd "$top"; netlab stop "$net"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        LABSWEEP_NETLAB=$net ip netns exec "$net" "$top/tests/cli/$name.sh"
        exit
    fi
    net=$LABSWEEP_NETLAB
    kind=$(cat "/run/netlab-$net/kind")
    port=2222
    trap netlab_end EXIT
    before_end=netlab_end
    lab start "$work/lab" "$1" --base 192.0.2 --port $port \
        --netns "$net-" >lab.log 2>&1 || { cat lab.log; exit 1; }
    lab_inventory "$1" 192.0.2
    # what mpirun needs to reach the hosts, and to start there
    cat >hosts <<END
$(for i in $(seq "$1"); do echo "192.0.2.$i slots=4"; done)
END
    export OMPI_MCA_plm_rsh_agent="ssh -F $work/lab/ssh_config"
    export OMPI_MCA_btl_tcp_if_include=192.0.2.0/24
    export OMPI_MCA_oob_tcp_if_include=192.0.2.0/24
    export OMPI_MCA_hwloc_base_binding_policy=none
}
