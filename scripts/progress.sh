# Progress on stderr, for the scripts that source this file: what runs, how far it is, how long it has taken.
# shellcheck shell=sh
#
# On a terminal one line is rewritten; elsewhere each step prints a line when it begins, every 15 seconds, and when it ends.

# run_step LABEL COMMAND...: runs COMMAND with its output in a log; when it fails, shows the end of that log.
run_step() {
    progress_label=$1
    shift
    progress_log=$(mktemp "${TMPDIR:-/tmp}/aegis-step.XXXXXX")
    progress_start=$(date +%s)
    # Locks, held as 8 and 9, are not handed on: the ticker may outlive the step by a moment.
    progress_ticker 8>&- 9>&- &
    progress_pid=$!
    progress_status=0
    "$@" >"$progress_log" 2>&1 </dev/null 8>&- 9>&- || progress_status=$?
    progress_end
    progress_elapsed=$(($(date +%s) - progress_start))
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
    if [ "$progress_status" -eq 0 ]; then
        echo "aegis: $progress_label: done in ${progress_elapsed} s" >&2
        rm -f "$progress_log"
        return 0
    fi
    echo "aegis: $progress_label: failed after ${progress_elapsed} s; the end of its output:" >&2
    tail -n 30 "$progress_log" | sed 's/^/    /' >&2
    rm -f "$progress_log"
    return "$progress_status"
}

# Ends the ticker.
progress_end() {
    kill "$progress_pid" 2>/dev/null || :
    wait "$progress_pid" 2>/dev/null || :
    progress_pid=
}

# For a script that ends during a step: leaves no ticker and no log.
progress_clean() {
    [ -z "${progress_pid:-}" ] || progress_end
    rm -f "${progress_log:-}"
}

# Says how far the step is by the last line that its command printed.
progress_ticker() {
    if [ ! -t 2 ]; then echo "aegis: $progress_label ..." >&2; fi
    progress_tick=0
    while :; do
        if [ -t 2 ]; then
            progress_last=$(tail -n 1 "$progress_log" 2>/dev/null | tr -cd '[:print:]' | cut -c 1-60)
            printf '\r\033[Kaegis: %s: %s s  %s' "$progress_label" "$progress_tick" "$progress_last" >&2
        elif [ "$progress_tick" -gt 0 ] && [ $((progress_tick % 15)) -eq 0 ]; then
            progress_last=$(tail -n 1 "$progress_log" 2>/dev/null | tr -cd '[:print:]' | cut -c 1-100)
            echo "aegis: $progress_label: $progress_tick s  $progress_last" >&2
        fi
        sleep 1 >/dev/null 2>&1
        progress_tick=$((progress_tick + 1))
    done
}
