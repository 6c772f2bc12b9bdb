# Runs a command, and writes the pictures that are newer than its beginning, each after mark $1 and its name: four,
# of 700000 bytes at most, and of others no more than that.
mark=$1 begin=$(mktemp) n=0; shift
command -v "$1" >/dev/null || { echo "no $1 in this image; aegis:full has python3, perl and node" >&2; rm -f "$begin"; exit 127; }
"$@"; status=$?
for f in *.png *.jpg *.jpeg *.gif *.webp; do
    if [ -f "$f" ] && [ ! "$f" -ot "$begin" ]; then
        printf '\n%s\n%s\n' "$mark" "$f"
        if [ $n -lt 4 ] && [ $(wc -c <"$f") -le 700000 ]; then base64 "$f"; n=$((n+1)); fi
    fi
done
rm -f "$begin"
exit $status
