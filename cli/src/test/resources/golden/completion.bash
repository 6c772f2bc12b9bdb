# Completion of aegis for bash: source <(aegis completion bash)
_aegis() {
    local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} word choices names places
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == -- ]]; then COMPREPLY=($(compgen -c -f -- "$current")); return; fi
    done
    if ((COMP_CWORD == 1)); then verb=
    elif [[ $verb == instance || "$verb ${COMP_WORDS[2]}" == exec\ @(ps|kill) ]] && ((COMP_CWORD > 2)); then
        verb="$verb ${COMP_WORDS[2]}"
    fi
    case $verb in
        '') choices='up down status doctor run instance image exec shell cp logs events secret mcp completion version help' ;;
        'instance') choices='start list info stats stop disable pause resume keepalive delete prune' ;;
        'image') choices='pull list delete prune load' ;;
        'exec') choices='ps kill --env --env-file --cwd --user --timeout --interactive --tty --detach --help' names='ps kill ' ;;
        'secret') choices='set list delete' ;;
        'mcp') choices='install uninstall' ;;
        'up') choices='--help' ;;
        'down') choices='--help' ;;
        'status') choices='--json --help' ;;
        'doctor') choices='--json --help' ;;
        'run') choices='--name --env --env-file --expose --secret --memory --cpus --disk --idle-pause --idle-stop --workspace --image --interactive --tty --help' ;;
        'instance start') choices='--name --env --env-file --expose --secret --memory --cpus --disk --idle-pause --idle-stop --workspace --image --json --help' ;;
        'instance list') choices='--stopped --running --json --help' ;;
        'instance info') choices='--json --help' names=' ' ;;
        'instance stats') choices='--json --help' names=' ' ;;
        'instance stop') choices='--help' names=' ' ;;
        'instance disable') choices='--help' names=' ' ;;
        'instance pause') choices='--help' names=' ' ;;
        'instance resume') choices='--help' names=' ' ;;
        'instance keepalive') choices='--for --release --help' names=' ' ;;
        'instance delete') choices='--help' names=' ' ;;
        'instance prune') choices='--stopped-older-than --json --help' ;;
        'image pull') choices='--json --help' ;;
        'image list') choices='--json --help' ;;
        'image delete') choices='--help' ;;
        'image prune') choices='--json --help' ;;
        'image load') choices='--json --help' ;;
        'exec ps') choices='--json --help' names=' ' ;;
        'exec kill') choices='--help' names=' ' ;;
        'shell') choices='--env --env-file --cwd --user --timeout --help' names=' ' ;;
        'cp') choices='--user --help' places=1 ;;
        'logs') choices='--follow --tail --json --help' names=' ' ;;
        'events') choices='--follow --json --help' ;;
        'secret set') choices='--help' ;;
        'secret list') choices='--json --help' ;;
        'secret delete') choices='--help' ;;
        'mcp install') choices='--project --print --help' ;;
        'mcp uninstall') choices='--project --help' ;;
        'completion') choices='--help bash zsh fish' ;;
        'version') choices='--help' ;;
        'help') choices='--help' ;;
        *) choices= ;;
    esac
    if [[ $places && $current != -* ]]; then
        names=$("${COMP_WORDS[0]}" completion names 2>/dev/null)
        COMPREPLY=($(compgen -S : -W "$names" -- "$current") $(compgen -f -- "$current"))
        return
    fi
    if [[ $names && $current != -* ]]; then
        choices="$names $("${COMP_WORDS[0]}" completion names 2>/dev/null)"
    fi
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -F _aegis aegis
