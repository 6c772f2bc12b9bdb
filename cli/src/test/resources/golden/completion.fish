# Completion of aegis for fish: aegis completion fish | source
function __aegis_at
    set -l words (commandline -opc)[2..-1]
    contains -- -- $words; and return 1
    set -l count (count $argv)
    test $count -eq 0; and test (count $words) -eq 0; and return 0
    test $count -gt 0; and test (count $words) -ge $count; and test "$words[1..$count]" = "$argv"
end
complete -c aegis -f -n 'not contains -- -- (commandline -opc)'
complete -c aegis -n '__aegis_at ' -a up
complete -c aegis -n '__aegis_at ' -a down
complete -c aegis -n '__aegis_at ' -a status
complete -c aegis -n '__aegis_at ' -a doctor
complete -c aegis -n '__aegis_at ' -a run
complete -c aegis -n '__aegis_at ' -a instance
complete -c aegis -n '__aegis_at ' -a image
complete -c aegis -n '__aegis_at ' -a exec
complete -c aegis -n '__aegis_at ' -a shell
complete -c aegis -n '__aegis_at ' -a cp
complete -c aegis -n '__aegis_at ' -a logs
complete -c aegis -n '__aegis_at ' -a events
complete -c aegis -n '__aegis_at ' -a secret
complete -c aegis -n '__aegis_at ' -a mcp
complete -c aegis -n '__aegis_at ' -a completion
complete -c aegis -n '__aegis_at ' -a version
complete -c aegis -n '__aegis_at ' -a help
complete -c aegis -n '__aegis_at instance' -a start
complete -c aegis -n '__aegis_at instance' -a list
complete -c aegis -n '__aegis_at instance' -a info
complete -c aegis -n '__aegis_at instance' -a stats
complete -c aegis -n '__aegis_at instance' -a stop
complete -c aegis -n '__aegis_at instance' -a disable
complete -c aegis -n '__aegis_at instance' -a pause
complete -c aegis -n '__aegis_at instance' -a resume
complete -c aegis -n '__aegis_at instance' -a keepalive
complete -c aegis -n '__aegis_at instance' -a delete
complete -c aegis -n '__aegis_at instance' -a prune
complete -c aegis -n '__aegis_at image' -a pull
complete -c aegis -n '__aegis_at image' -a list
complete -c aegis -n '__aegis_at image' -a delete
complete -c aegis -n '__aegis_at image' -a prune
complete -c aegis -n '__aegis_at image' -a load
complete -c aegis -n '__aegis_at exec' -a ps
complete -c aegis -n '__aegis_at exec' -a kill
complete -c aegis -n '__aegis_at exec' -l env
complete -c aegis -n '__aegis_at exec' -l env-file
complete -c aegis -n '__aegis_at exec' -l cwd
complete -c aegis -n '__aegis_at exec' -l user
complete -c aegis -n '__aegis_at exec' -l timeout
complete -c aegis -n '__aegis_at exec' -l interactive
complete -c aegis -n '__aegis_at exec' -l tty
complete -c aegis -n '__aegis_at exec' -l detach
complete -c aegis -n '__aegis_at exec' -l help
complete -c aegis -n '__aegis_at exec' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at secret' -a set
complete -c aegis -n '__aegis_at secret' -a list
complete -c aegis -n '__aegis_at secret' -a delete
complete -c aegis -n '__aegis_at mcp' -a install
complete -c aegis -n '__aegis_at mcp' -a uninstall
complete -c aegis -n '__aegis_at up' -l help
complete -c aegis -n '__aegis_at down' -l help
complete -c aegis -n '__aegis_at status' -l json
complete -c aegis -n '__aegis_at status' -l help
complete -c aegis -n '__aegis_at doctor' -l json
complete -c aegis -n '__aegis_at doctor' -l help
complete -c aegis -n '__aegis_at run' -l name
complete -c aegis -n '__aegis_at run' -l env
complete -c aegis -n '__aegis_at run' -l env-file
complete -c aegis -n '__aegis_at run' -l expose
complete -c aegis -n '__aegis_at run' -l secret
complete -c aegis -n '__aegis_at run' -l memory
complete -c aegis -n '__aegis_at run' -l cpus
complete -c aegis -n '__aegis_at run' -l disk
complete -c aegis -n '__aegis_at run' -l idle-pause
complete -c aegis -n '__aegis_at run' -l idle-stop
complete -c aegis -n '__aegis_at run' -l workspace
complete -c aegis -n '__aegis_at run' -l image
complete -c aegis -n '__aegis_at run' -l interactive
complete -c aegis -n '__aegis_at run' -l tty
complete -c aegis -n '__aegis_at run' -l help
complete -c aegis -n '__aegis_at instance start' -l name
complete -c aegis -n '__aegis_at instance start' -l env
complete -c aegis -n '__aegis_at instance start' -l env-file
complete -c aegis -n '__aegis_at instance start' -l expose
complete -c aegis -n '__aegis_at instance start' -l secret
complete -c aegis -n '__aegis_at instance start' -l memory
complete -c aegis -n '__aegis_at instance start' -l cpus
complete -c aegis -n '__aegis_at instance start' -l disk
complete -c aegis -n '__aegis_at instance start' -l idle-pause
complete -c aegis -n '__aegis_at instance start' -l idle-stop
complete -c aegis -n '__aegis_at instance start' -l workspace
complete -c aegis -n '__aegis_at instance start' -l image
complete -c aegis -n '__aegis_at instance start' -l json
complete -c aegis -n '__aegis_at instance start' -l help
complete -c aegis -n '__aegis_at instance list' -l stopped
complete -c aegis -n '__aegis_at instance list' -l running
complete -c aegis -n '__aegis_at instance list' -l json
complete -c aegis -n '__aegis_at instance list' -l help
complete -c aegis -n '__aegis_at instance info' -l json
complete -c aegis -n '__aegis_at instance info' -l help
complete -c aegis -n '__aegis_at instance info' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance stats' -l json
complete -c aegis -n '__aegis_at instance stats' -l help
complete -c aegis -n '__aegis_at instance stats' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance stop' -l help
complete -c aegis -n '__aegis_at instance stop' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance disable' -l help
complete -c aegis -n '__aegis_at instance disable' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance pause' -l help
complete -c aegis -n '__aegis_at instance pause' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance resume' -l help
complete -c aegis -n '__aegis_at instance resume' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance keepalive' -l for
complete -c aegis -n '__aegis_at instance keepalive' -l release
complete -c aegis -n '__aegis_at instance keepalive' -l help
complete -c aegis -n '__aegis_at instance keepalive' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance delete' -l help
complete -c aegis -n '__aegis_at instance delete' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at instance prune' -l stopped-older-than
complete -c aegis -n '__aegis_at instance prune' -l json
complete -c aegis -n '__aegis_at instance prune' -l help
complete -c aegis -n '__aegis_at image pull' -l json
complete -c aegis -n '__aegis_at image pull' -l help
complete -c aegis -n '__aegis_at image list' -l json
complete -c aegis -n '__aegis_at image list' -l help
complete -c aegis -n '__aegis_at image delete' -l help
complete -c aegis -n '__aegis_at image prune' -l json
complete -c aegis -n '__aegis_at image prune' -l help
complete -c aegis -n '__aegis_at image load' -l json
complete -c aegis -n '__aegis_at image load' -l help
complete -c aegis -n '__aegis_at exec ps' -l json
complete -c aegis -n '__aegis_at exec ps' -l help
complete -c aegis -n '__aegis_at exec ps' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at exec kill' -l help
complete -c aegis -n '__aegis_at exec kill' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at shell' -l env
complete -c aegis -n '__aegis_at shell' -l env-file
complete -c aegis -n '__aegis_at shell' -l cwd
complete -c aegis -n '__aegis_at shell' -l user
complete -c aegis -n '__aegis_at shell' -l timeout
complete -c aegis -n '__aegis_at shell' -l help
complete -c aegis -n '__aegis_at shell' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at cp' -l user
complete -c aegis -n '__aegis_at cp' -l help
complete -c aegis -n '__aegis_at cp' -F -a '(aegis completion names 2>/dev/null | string replace -r \$ :)'
complete -c aegis -n '__aegis_at logs' -l follow
complete -c aegis -n '__aegis_at logs' -l tail
complete -c aegis -n '__aegis_at logs' -l json
complete -c aegis -n '__aegis_at logs' -l help
complete -c aegis -n '__aegis_at logs' -a '(aegis completion names 2>/dev/null)'
complete -c aegis -n '__aegis_at events' -l follow
complete -c aegis -n '__aegis_at events' -l json
complete -c aegis -n '__aegis_at events' -l help
complete -c aegis -n '__aegis_at secret set' -l help
complete -c aegis -n '__aegis_at secret list' -l json
complete -c aegis -n '__aegis_at secret list' -l help
complete -c aegis -n '__aegis_at secret delete' -l help
complete -c aegis -n '__aegis_at mcp install' -l project
complete -c aegis -n '__aegis_at mcp install' -l print
complete -c aegis -n '__aegis_at mcp install' -l help
complete -c aegis -n '__aegis_at mcp uninstall' -l project
complete -c aegis -n '__aegis_at mcp uninstall' -l help
complete -c aegis -n '__aegis_at completion' -l help
complete -c aegis -n '__aegis_at completion' -a bash
complete -c aegis -n '__aegis_at completion' -a zsh
complete -c aegis -n '__aegis_at completion' -a fish
complete -c aegis -n '__aegis_at version' -l help
complete -c aegis -n '__aegis_at help' -l help
