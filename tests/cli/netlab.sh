# netlab.sh - hosts and boards with own addresses, for one test; after lib.sh
#
# netlab_begin N veth|wan: runs the test again inside the namespace of the
# lab (skips it where there can be none), with sshd boards 1 to N at
# 192.0.2.I.  Sets $inventory (as lab.sh), $net for netlab, $port.

netlab() { "$top/tests/lab/netlab" "$@"; }

netlab_end() {
    lab stop "$work/lab" >/dev/null 2>&1
}

netlab_begin() {
    local code=0
    if [ -z "${LABSWEEP_NETLAB-}" ]; then
        net=labsweep-$$
        netlab start "$net" "$1" "$2" "$BUILD/tests/wan" 2>netlab.log || code=$?
        [ $code != 77 ] || skip_all "$(cat netlab.log)"
        [ $code = 0 ] || { cat netlab.log; exit 1; }
        trap 'cd "$top"; netlab stop "$net"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        LABSWEEP_NETLAB=$net ip netns exec "$net" "$top/tests/cli/$name.sh"
        exit
    fi
    net=$LABSWEEP_NETLAB
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
