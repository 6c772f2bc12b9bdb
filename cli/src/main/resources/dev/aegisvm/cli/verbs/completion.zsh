#compdef aegis
# Completion of aegis for zsh: source <(aegis completion zsh)
_aegis() {
    local line word files
    local -a found shown places directories
    for line in "${(@f)$("$words[1]" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        case $line in
            '') ;;
            :files) files=_files ;;
            :directories) files='_files -/' ;;
            :command) shift words; ((CURRENT -= 1)); while [[ $words[1] != -- ]]; do shift words; ((CURRENT -= 1)); done
                shift words; ((CURRENT -= 1)); _normal; return ;;
            *:) places+=("${word%:}") ;;
            */) directories+=("${word%/}") ;;
            *) found+=("$word"); shown+=("${line/$'\t'/  -- }") ;;
        esac
    done
    compadd -S : -a places
    compadd -S / -a directories
    compadd -l -V aegis -d shown -a found
    if [[ -n $files ]]; then
        if [[ $PREFIX == --*=* ]]; then compset -P '*='; fi
        ${=files}
    fi
}
compdef _aegis aegis
