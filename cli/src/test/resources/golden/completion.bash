# Completion of aegis for bash: source <(aegis completion bash)
_aegis() {
    local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} word choices
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == -- ]]; then COMPREPLY=($(compgen -c -f -- "$current")); return; fi
    done
    if ((COMP_CWORD == 1)); then verb=
    elif [[ $verb == instance ]] && ((COMP_CWORD > 2)); then verb="instance ${COMP_WORDS[2]}"; fi
    case $verb in
        '') choices='up down status doctor run instance exec logs completion version help' ;;
        'instance') choices='start list info delete' ;;
        'up') choices='--help' ;;
        'down') choices='--help' ;;
        'status') choices='--json --help' ;;
        'doctor') choices='--json --help' ;;
        'run') choices='--name --env --memory --cpus --interactive --help' ;;
        'instance start') choices='--name --env --memory --cpus --json --help' ;;
        'instance list') choices='--stopped --running --json --help' ;;
        'instance info') choices='--json --help' ;;
        'instance delete') choices='--help' ;;
        'exec') choices='--env --interactive --help' ;;
        'logs') choices='--follow --tail --json --help' ;;
        'completion') choices='--help bash zsh fish' ;;
        'version') choices='--help' ;;
        'help') choices='--help' ;;
        *) choices= ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -F _aegis aegis
