#!/bin/sh
# facts.sh CHECKOUT GUEST.PROPERTIES: what numbers depend on beside the program, one fact a line: name, tab, value.
set -eu
fact() { printf '%s\t%s\n' "$1" "$2"; }
# found EXPRESSION FILE: its first group where it matches first.
found() { sed -n "s,$1,\\1,p" "$2" | head -n 1; }

fact date "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
fact commit "$(git -C "$1" describe --always --dirty 2>/dev/null || echo unknown)"
fact cpu "$(nproc) × $(found 'model name[^:]*: \(.*\)' /proc/cpuinfo)"
fact memory "$(found 'MemTotal: *\([0-9]*\) kB' /proc/meminfo | awk '{ printf "%.0f GB", $1 * 1024 / 1e9 }')"
fact kernel "$(uname -r)"
fact qemu "$(qemu-system-x86_64 --version | sed -n 's/.*version \([^ ]*\).*/\1/p')"
fact "guest kernel" "$(found 'kernel=.*/\([^/]*\)/[^/]*' "$2")"
fact runsc "$(runsc --version 2>&1 | head -n 1)"
fact "load before" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
