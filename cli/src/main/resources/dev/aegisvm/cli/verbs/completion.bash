# Completion of aegis for bash: source <(aegis completion bash)
_aegis() {
    local line=${COMP_LINE:0:COMP_POINT} word current='' breaks i words=() found=() whole=()
    # bash breaks words at ':' and '=', so they are put together again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i == 0 || $line == [[:space:]]* ]]; then
            line=${line#"${line%%[![:space:]]*}"}
            words+=('')
        fi
        if ((i == COMP_CWORD)); then word=$line; fi
        words[${#words[@]} - 1]+=$word
        line=${line#"$word"}
    done
    current=${words[${#words[@]} - 1]}
    breaks=${COMP_WORDBREAKS//[^:=]/}
    mapfile -t found < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
    COMPREPLY=()
    for word in "${found[@]}"; do
        case $word in
            :files) compopt -o filenames 2>/dev/null; mapfile -t whole < <(compgen -f -- "${current#--*=}") ;;
            :directories) compopt -o filenames 2>/dev/null; mapfile -t whole < <(compgen -d -- "${current#--*=}") ;;
            :command) mapfile -t whole < <(compgen -c -f -- "$current") ;;
            *)
                word=${word%%$'\t'*}
                if [[ $word != "$current"* ]]; then continue; fi
                # bash replaces only what follows the last break.
                if [[ $breaks && $current == *[$breaks]* ]]; then word=${word#"${current%"${current##*[$breaks]}"}"}; fi
                COMPREPLY+=("$word")
                ;;
        esac
    done
    COMPREPLY+=("${whole[@]}")
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/] ]]; then compopt -o nospace 2>/dev/null; fi
    compopt -o nosort 2>/dev/null
    return 0
}
complete -F _aegis aegis
