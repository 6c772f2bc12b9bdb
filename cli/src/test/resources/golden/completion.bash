# Completion of aegis for bash: source <(aegis completion bash)
_aegis() {
    local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} word choices names
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == -- ]]; then COMPREPLY=($(compgen -c -f -- "$current")); return; fi
    done
    if ((COMP_CWORD == 1)); then verb=
    elif [[ $verb == instance ]] && ((COMP_CWORD > 2)); then verb="instance ${COMP_WORDS[2]}"; fi
    case $verb in
        '') choices='up down status doctor run instance exec logs completion version help' ;;
        'instance') choices='start list info stop disable pause resume delete prune' ;;
        'up') choices='--help' ;;
        'down') choices='--help' ;;
        'status') choices='--json --help' ;;
        'doctor') choices='--json --help' ;;
        'run') choices='--name --env --memory --cpus --disk --interactive --help' ;;
        'instance start') choices='--name --env --memory --cpus --disk --json --help' ;;
        'instance list') choices='--stopped --running --json --help' ;;
        'instance info') choices='--json --help' names=yes ;;
        'instance stop') choices='--help' names=yes ;;
        'instance disable') choices='--help' names=yes ;;
        'instance pause') choices='--help' names=yes ;;
        'instance resume') choices='--help' names=yes ;;
        'instance delete') choices='--help' names=yes ;;
        'instance prune') choices='--stopped-older-than --json --help' ;;
        'exec') choices='--env --interactive --help' names=yes ;;
        'logs') choices='--follow --tail --json --help' names=yes ;;
        'completion') choices='--help bash zsh fish' ;;
        'version') choices='--help' ;;
        'help') choices='--help' ;;
        *) choices= ;;
    esac
    if [[ $names && $current != -* ]]; then choices=$("${COMP_WORDS[0]}" completion names 2>/dev/null); fi
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -F _aegis aegis
