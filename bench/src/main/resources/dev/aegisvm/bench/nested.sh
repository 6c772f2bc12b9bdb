#!/bin/bash
# Runs in the outer VM. Each line that it writes to /orders/times is a measure's name and one time of it in milliseconds.
#
#   nested.sh PROGRAMS CACHE ROOT TURNS MSB...
#
# PROGRAMS has aegis and its like, CACHE what a VM starts from, ROOT the base image's files, ROOT.tar an archive of them, and each MSB is a
# microsandbox; the last of them can branch.
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

# The newest release, with a home that has what was loaded and created.
newest=${!#}
mkdir /tmp/peer
peer() {
    HOME=/tmp/peer "$newest" "$@"
}

# forked COUNT, branched COUNT: VMs that go on from one that runs, all of which have answered.
forked() {
    aegis fork base --name fork --count "$1" >&2 || return
    for ((i = 1; i <= $1; i++)); do
        aegis exec "fork-$i" -- true || return
    done
    echo hi
}

branched() {
    local i names=()
    for ((i = 1; i <= $1; i++)); do
        names+=("branch-$i")
    done
    peer branch base --quiet --names "${names[@]}" >&2 || return
    for i in "${names[@]}"; do
        peer exec "$i" -- true || return
    done
    echo hi
}

# fresh: a home and a cache in which nothing was made or found out yet.
fresh() {
    AEGIS_HOME=$(mktemp -d) AEGIS_CACHE=$(mktemp -d) XDG_CACHE_HOME=$(mktemp -d)
    export AEGIS_HOME AEGIS_CACHE XDG_CACHE_HOME
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
peer load --quiet --input "$root.tar"
peer create --quiet --memory 512M --name base base:1
peer exec base -- true
aegis start --name base -- sleep infinity
for ((turn = 0; turn < (turns + 1) / 2; turn++)); do
    for count in 1 4; do
        timed "fork.$count" forked "$count"
        timed "branch.$count" branched "$count"
        for ((i = 1; i <= count; i++)); do
            aegis rm -f "fork-$i" >/dev/null
            peer remove --quiet --force "branch-$i"
        done
    done
done
aegis rm -f base >/dev/null
peer remove --quiet --force base

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
