#!/bin/bash
# Runs in the outer VM. Each line that it writes to /orders/times is a measure's name and one time of it in milliseconds.
#
#   nested.sh PROGRAMS CACHE ROOT TURNS MSB...
#
# PROGRAMS has aegis and its like, CACHE what a VM starts from, ROOT the base image's files, and each MSB is a microsandbox.
set -eu
programs=$1 cache=$2 root=$3 turns=$4
shift 4
export PATH=$programs:$PATH

# timed NAME COMMAND...: the command has to print hi.
timed() {
    local name=$1 begin=$EPOCHREALTIME end
    shift
    [ "$("$@" 2>/tmp/stderr)" = hi ] || { cat /tmp/stderr; echo "$name: '$*' did not say hi"; exit 1; }
    end=$EPOCHREALTIME
    echo "$name $(((${end/./} - ${begin/./}) / 1000))" | tee -a /orders/times
}

# microsandbox PROGRAM: each release has a home of its own, since it does not read the database of another; at a short path, which its
# sockets are below.
microsandbox() {
    local home
    home=/tmp/$(basename "${1%/bin/msb}")
    mkdir -p "$home"
    HOME=$home "$1" run --quiet --memory 512M "$root" -- echo hi
}

# fresh: a home and a cache in which nothing was made or found out yet.
fresh() {
    AEGIS_HOME=$(mktemp -d) AEGIS_CACHE=$(mktemp -d)
    export AEGIS_HOME AEGIS_CACHE
    cp "$cache/guest.properties" "$AEGIS_CACHE"
}

# What a start costs where no machine can be saved.
mkdir /tmp/unsaved
cat >/tmp/unsaved/qemu-system-x86_64 <<'QEMU'
#!/bin/sh
case "$*" in *share=on*) exit 1 ;; esac
exec /usr/bin/qemu-system-x86_64 "$@"
QEMU
chmod 755 /tmp/unsaved/qemu-system-x86_64

# The first run of all tries KVM and makes the template.
for _ in 1 2 3; do
    fresh
    aegis up >/dev/null
    timed first aegis run -- echo hi
    aegis down >/dev/null
    fresh
    PATH=/tmp/unsaved:$PATH AEGIS_ACCEL=kvm aegis up >/dev/null
    timed cold aegis run -- echo hi
    aegis down >/dev/null
done

fresh
aegis up >/dev/null
aegis run -- echo hi
for msb; do
    microsandbox "$msb"
done
for ((turn = 0; turn < turns; turn++)); do
    timed aegis aegis run -- echo hi
    for msb; do
        timed "$(basename "${msb%/bin/msb}")" microsandbox "$msb"
    done
done
aegis down >/dev/null
