#!/bin/sh
# The QEMU of the daemon with the copier: adds a port to each VM, which connects to a socket beside its others, all that its jail has,
# once a program listens there.
case "$*" in *max_ports=2*) ;; *) exec /usr/bin/qemu-system-x86_64 "$@" ;; esac
for word do
    shift
    case "$word" in
        *,max_ports=2) word="${word%2}3" ;;
        socket,id=channel,path=*) port="${word#*path=}.bench" ;;
    esac
    set -- "$@" "$word"
done
exec /usr/bin/qemu-system-x86_64 "$@" \
    -chardev "socket,id=bench,reconnect-ms=50,path=$port" \
    -device virtserialport,chardev=bench,nr=2,name=bench.port
