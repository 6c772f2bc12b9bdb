#compdef aegis
# Completion of aegis for zsh: source <(aegis completion zsh)
_aegis() {
    local verb=$words[2]
    if ((words[(I)--] > 0 && words[(I)--] < CURRENT)); then _normal; return; fi
    if ((CURRENT == 2)); then verb=
    elif [[ $verb == instance ]] && ((CURRENT > 3)); then verb="instance $words[3]"; fi
    case $verb in
        '') compadd -- up down status doctor run instance exec logs completion version help ;;
        'instance') compadd -- start list info delete ;;
        'up') compadd -- --help ;;
        'down') compadd -- --help ;;
        'status') compadd -- --json --help ;;
        'doctor') compadd -- --json --help ;;
        'run') compadd -- --name --env --memory --cpus --interactive --help ;;
        'instance start') compadd -- --name --env --memory --cpus --json --help ;;
        'instance list') compadd -- --stopped --running --json --help ;;
        'instance info') compadd -- --json --help ;;
        'instance delete') compadd -- --help ;;
        'exec') compadd -- --env --interactive --help ;;
        'logs') compadd -- --follow --tail --json --help ;;
        'completion') compadd -- --help bash zsh fish ;;
        'version') compadd -- --help ;;
        'help') compadd -- --help ;;
    esac
}
compdef _aegis aegis
