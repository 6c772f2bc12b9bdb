#!/bin/sh
# Tries several fixes from one state and keeps the first that passes.
#
#   examples/race.sh REPOSITORY TEST PATCH...
#
# REPOSITORY is copied into an instance. Each PATCH is applied in a fork of it, where TEST, a line for sh, then runs in
# /workspace. The patch of the first whose TEST exits with 0 is applied to REPOSITORY. aegis is taken from the PATH.
set -eu

[ $# -ge 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
repository=$(cd "$1" && pwd)
test=$2
shift 2

base=race-$$
trap 'aegis snapshot delete "$base-start" >/dev/null 2>&1 || true
	aegis rm -f $(aegis ps -a -q --filter name="$base") >/dev/null 2>&1 || true' EXIT
aegis instance start -q --name "$base" --workspace "$repository:copy" -- sleep infinity >/dev/null
aegis snapshot create "$base" "$base-start" >/dev/null
aegis fork "$base-start" --count $# --name "$base" >/dev/null

number=0
for patch in "$@"; do
	number=$((number + 1))
	fork=$base-$number
	if aegis exec -i "$fork" -- git apply - <"$patch" && aegis exec "$fork" -- sh -c "$test" >&2; then
		aegis diff "$fork" --workspace --patch | git -C "$repository" apply
		echo "$patch"
		exit
	fi
	echo "$patch: no" >&2
done
echo "none of them passes" >&2
exit 1
