package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.TextResource;

/** Messages of the daemon name flags and commands, as people have them; for a model these become arguments and tools. */
public final class Hints {
    private static final Pattern LINE = Pattern.compile("(?m)^(.+?) = (.+)$");
    private static final Pattern WORD = Pattern.compile("[A-Z]{3,}");
    /** What a message puts around a command. */
    private static final String QUOTE = "['`]?";

    private record Form(Pattern people, String model) {}

    private static final List<Form> FORMS = LINE.matcher(TextResource.of(Hints.class, "hints.txt"))
            .results()
            .map(line -> form(line.group(1), line.group(2)))
            .toList();

    private Hints() {}

    private static Form form(String people, String model) {
        String form = WORD.matcher(people).replaceAll(word -> "(?<" + word.group() + ">[^\\\\s'\"`,;)\\\\\\\\]+)");
        return new Form(
                Pattern.compile(QUOTE + "(?<![\\w-])" + form + "(?![\\w-])" + QUOTE),
                WORD.matcher(model).replaceAll("\\${$0}"));
    }

    /** A message as a model is told it. JSON stays JSON. */
    public static String forModel(String message) {
        String told = message;
        for (Form form : FORMS) {
            told = form.people().matcher(told).replaceAll(form.model());
        }
        return told;
    }
}
