# Runs snippets one after the other in one bash. stdin: "MARK BYTES\n" and the code.
# Afterwards: MARK, a name and a picture for each that was made in its directory (no picture beyond four), then "MARK STATUS".
# Of these descriptors a script knows nothing.
exec {__in}<&0 {__out}>&1 {__err}>&2 </dev/null
# After an interrupt each command is skipped, and each loop left, until __resume.
__leave='if [ "$BASH_COMMAND" = __resume ]; then trap - DEBUG; shopt -u extdebug; else break 999 2>/dev/null; ! true; fi'
trap '[ -z "$__mark" ] || { shopt -s extdebug; trap "$__leave" DEBUG; }' INT
__begin=$(mktemp) __mark= __end=
__pictures() {
    local f n=0
    for f in *.png *.jpg *.jpeg *.gif *.webp; do
        if [ -f "$f" ] && [ ! "$f" -ot "$__begin" ]; then
            printf '\n%s\n%s\n' "$__mark" "$f" >&"$__out"
            if [ $n -lt 4 ] && [ "$(wc -c <"$f")" -le 700000 ]; then base64 "$f" >&"$__out"; n=$((n+1)); fi
        fi
    done
}
__done() {
    local mark=$__mark
    __pictures
    __mark=
    printf '\n%s 0\n' "$mark" >&"$__err"
    printf '\n%s %d\n' "$mark" "$1" >&"$__out"
}
# The first command after the loop: at the end of what comes, or after an interrupt.
__resume() { if [ -n "$__mark" ]; then __done 130; else __end=1; fi; }
# In one line, and called in the first line of what has this text as $1: snippets count their lines from there.
__loop='while IFS=" " LC_ALL=C read -r -u "$__in" __mark __size; do LC_ALL=C read -r -u "$__in" -N "$__size" __code; : >"$__begin"; eval "$__code"; __done $?; done; __resume; [ -n "$__end" ] || eval "$__loop"'
set --
