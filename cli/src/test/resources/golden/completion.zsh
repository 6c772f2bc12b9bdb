#compdef aegis
# Completion of aegis for zsh: source <(aegis completion zsh)
_aegis() {
    local verb=$words[2]
    if ((words[(I)--] > 0 && words[(I)--] < CURRENT)); then _normal; return; fi
    if ((CURRENT == 2)); then verb=
    elif [[ $verb == instance || "$verb $words[3]" == exec\ (ps|kill) ]] && ((CURRENT > 3)); then
        verb="$verb $words[3]"
    fi
    case $verb in
        '') compadd -- up down status doctor run instance image exec shell cp logs events secret mcp completion version help ;;
        'instance') compadd -- start list info stats stop disable pause resume keepalive delete prune ;;
        'image') compadd -- pull list delete prune load ;;
        'exec') compadd -- ps kill --env --env-file --cwd --user --timeout --interactive --tty --detach --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'secret') compadd -- set list delete ;;
        'mcp') compadd -- install uninstall ;;
        'up') compadd -- --help ;;
        'down') compadd -- --help ;;
        'status') compadd -- --json --help ;;
        'doctor') compadd -- --json --help ;;
        'run') compadd -- --name --env --env-file --expose --secret --memory --cpus --disk --idle-pause --idle-stop --workspace --image --interactive --tty --help ;;
        'instance start') compadd -- --name --env --env-file --expose --secret --memory --cpus --disk --idle-pause --idle-stop --workspace --image --json --help ;;
        'instance list') compadd -- --stopped --running --json --help ;;
        'instance info') compadd -- --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance stats') compadd -- --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance stop') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance disable') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance pause') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance resume') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance keepalive') compadd -- --for --release --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance delete') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'instance prune') compadd -- --stopped-older-than --json --help ;;
        'image pull') compadd -- --json --help ;;
        'image list') compadd -- --json --help ;;
        'image delete') compadd -- --help ;;
        'image prune') compadd -- --json --help ;;
        'image load') compadd -- --json --help ;;
        'exec ps') compadd -- --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'exec kill') compadd -- --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'shell') compadd -- --env --env-file --cwd --user --timeout --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'cp') compadd -- --user --help; compadd -S : -- ${(f)"$($words[1] completion names 2>/dev/null)"}; _files ;;
        'logs') compadd -- --follow --tail --json --help ${(f)"$($words[1] completion names 2>/dev/null)"} ;;
        'events') compadd -- --follow --json --help ;;
        'secret set') compadd -- --help ;;
        'secret list') compadd -- --json --help ;;
        'secret delete') compadd -- --help ;;
        'mcp install') compadd -- --project --print --help ;;
        'mcp uninstall') compadd -- --project --help ;;
        'completion') compadd -- --help bash zsh fish ;;
        'version') compadd -- --help ;;
        'help') compadd -- --help ;;
    esac
}
compdef _aegis aegis
