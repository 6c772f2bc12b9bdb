# Completion of aegis for fish: aegis completion fish | source
function __aegis_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l value (string replace -r '^--[^=]*=' '' -- "$current")
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$value"
            case ':directories'
                __fish_complete_directories "$value"
            case ':command'
                __fish_complete_command
                __fish_complete_path "$current"
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c aegis -f -k -a '(__aegis_complete)'
