package dev.aegisvm.cli.line;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Completion scripts, written from the command tree. Names of instances they ask of a daemon that runs. */
public final class CompletionScript {
    /** Stands among the choices where the name of an instance can follow. */
    private static final String NAMES = "<name|id>";
    /** Stands where a file of this host or of an instance can follow. */
    private static final String PLACES = "<from>";

    private static final String ZSH_PLACES =
            "; compadd -S : -- ${(f)\"$($words[1] completion names 2>/dev/null)\"}; _files ;;\n";

    private CompletionScript() {}

    /** Before each word, what may follow; the key is the words so far. */
    private static Map<String, List<String>> choices() {
        Map<String, List<String>> choices = new LinkedHashMap<>();
        for (String name : Commands.NAMES) {
            int space = name.indexOf(' ');
            if (space < 0) {
                choices.computeIfAbsent("", key -> new ArrayList<>()).add(name);
            } else {
                String group = name.substring(0, space);
                List<String> first = choices.computeIfAbsent("", key -> new ArrayList<>());
                if (!first.contains(group)) {
                    first.add(group);
                }
                choices.computeIfAbsent(group, key -> new ArrayList<>()).add(name.substring(space + 1));
            }
        }
        for (String name : Commands.NAMES) {
            choices.computeIfAbsent(name, key -> new ArrayList<>())
                    .addAll(words(Commands.verb(name).usage()));
        }
        return choices;
    }

    private static List<String> words(Usage usage) {
        List<String> words = new ArrayList<>();
        for (Option option : usage.options()) {
            words.add(option.name());
        }
        if (usage.operand().startsWith(NAMES)) {
            words.add(NAMES);
        }
        if (usage.operand().startsWith(PLACES)) {
            words.add(PLACES);
        }
        if (usage.verb().equals("completion")) {
            words.addAll(List.of("bash", "zsh", "fish"));
        }
        return words;
    }

    /** What may stand in the place of a name, after these words. */
    private static String subcommands(String words) {
        return words.equals("exec") ? "ps kill" : "";
    }

    private static List<String> withoutNames(List<String> following) {
        return following.stream()
                .filter(each -> !each.equals(NAMES) && !each.equals(PLACES))
                .toList();
    }

    public static String bash() {
        StringBuilder script = new StringBuilder(2048);
        script.append("""
                # Completion of aegis for bash: source <(aegis completion bash)
                _aegis() {
                    local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} word choices names places
                    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                        if [[ $word == -- ]]; then COMPREPLY=($(compgen -c -f -- "$current")); return; fi
                    done
                    if ((COMP_CWORD == 1)); then verb=
                    elif [[ $verb == instance || "$verb ${COMP_WORDS[2]}" == exec\\ @(ps|kill) ]] && ((COMP_CWORD > 2)); then
                        verb="$verb ${COMP_WORDS[2]}"
                    fi
                    case $verb in
                """);
        choices()
                .forEach((words, following) -> script.append("        '")
                        .append(words)
                        .append("') choices='")
                        .append(String.join(" ", withoutNames(following)))
                        .append(following.contains(PLACES) ? "' places=1" : "'")
                        .append(following.contains(NAMES) ? " names='" + subcommands(words) + " ' ;;\n" : " ;;\n"));
        return script.append("""
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
                """).toString();
    }

    public static String zsh() {
        StringBuilder script = new StringBuilder(2048);
        script.append("""
                #compdef aegis
                # Completion of aegis for zsh: source <(aegis completion zsh)
                _aegis() {
                    local verb=$words[2]
                    if ((words[(I)--] > 0 && words[(I)--] < CURRENT)); then _normal; return; fi
                    if ((CURRENT == 2)); then verb=
                    elif [[ $verb == instance || "$verb $words[3]" == exec\\ (ps|kill) ]] && ((CURRENT > 3)); then
                        verb="$verb $words[3]"
                    fi
                    case $verb in
                """);
        choices()
                .forEach((words, following) -> script.append("        '")
                        .append(words)
                        .append("') compadd -- ")
                        .append(String.join(" ", withoutNames(following)))
                        .append(
                                following.contains(NAMES)
                                        ? " ${(f)\"$($words[1] completion names 2>/dev/null)\"} ;;\n"
                                        : following.contains(PLACES) ? ZSH_PLACES : " ;;\n"));
        return script.append("""
                    esac
                }
                compdef _aegis aegis
                """).toString();
    }

    public static String fish() {
        StringBuilder script = new StringBuilder(2048);
        script.append("""
                # Completion of aegis for fish: aegis completion fish | source
                function __aegis_at
                    set -l words (commandline -opc)[2..-1]
                    contains -- -- $words; and return 1
                    set -l count (count $argv)
                    test $count -eq 0; and test (count $words) -eq 0; and return 0
                    test $count -gt 0; and test (count $words) -ge $count; and test "$words[1..$count]" = "$argv"
                end
                complete -c aegis -f -n 'not contains -- -- (commandline -opc)'
                """);
        choices().forEach((words, following) -> {
            for (String each : following) {
                String kind = each.startsWith("--") ? "-l " + each.substring(2) : "-a " + each;
                if (each.equals(PLACES)) {
                    kind = "-F -a '(aegis completion names 2>/dev/null | string replace -r \\$ :)'";
                }
                if (each.equals(NAMES)) {
                    kind = "-a '(aegis completion names 2>/dev/null)'";
                }
                script.append("complete -c aegis -n '__aegis_at ")
                        .append(words)
                        .append("' ")
                        .append(kind)
                        .append('\n');
            }
        });
        return script.toString();
    }
}
