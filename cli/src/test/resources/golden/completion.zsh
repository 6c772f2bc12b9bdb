#compdef aegis
# Completion of aegis for zsh: source <(aegis completion zsh)
_aegis() {
    local verb=$words[2]
    if ((words[(I)--] > 0 && words[(I)--] < CURRENT)); then _normal; return; fi
    if ((CURRENT == 2)); then verb=
    elif [[ $verb == instance ]] && ((CURRENT > 3)); then verb="instance $words[3]"; fi
    case $verb in
        '') compadd -- up down status doctor run instance exec logs completion version help ;;
        'instance') compadd -- start list info stop disable pause resume delete prune ;;
        'up') compadd -- --help ;;
        'down') compadd -- --help ;;
        'status') compadd -- --json --help ;;
        'doctor') compadd -- --json --help ;;
        'run') compadd -- --name --env --memory --cpus --disk --interactive --help ;;
        'instance start') compadd -- --name --env --memory --cpus --disk --json --help ;;
        'instance list') compadd -- --stopped --running --json --help ;;
        'instance info') compadd -- --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance stop') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance disable') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance pause') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance resume') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance delete') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance prune') compadd -- --stopped-older-than --json --help ;;
        'exec') compadd -- --env --interactive --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'logs') compadd -- --follow --tail --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'completion') compadd -- --help bash zsh fish ;;
        'version') compadd -- --help ;;
        'help') compadd -- --help ;;
    esac
}
compdef _aegis aegis
