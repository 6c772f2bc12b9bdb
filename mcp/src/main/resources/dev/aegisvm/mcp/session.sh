# Runs snippets one after the other in one bash. stdin: "MARK BYTES\n" and the code. Afterwards: "MARK STATUS".
exec 3<&0 </dev/null
trap : INT
while LC_ALL=C read -r -u 3 mark size; do
    LC_ALL=C read -r -u 3 -N "$size" code
    eval "$code"
    status=$?
    printf '\n%s 0\n' "$mark" >&2
    printf '\n%s %d\n' "$mark" "$status"
done
