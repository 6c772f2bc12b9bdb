package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.mcp.tool.ToolArguments.*;

/** What a model is told of the tools, as {@code tools.txt} has it, whose beginning says how it is written. */
public final class ToolTable {
    private static final Pattern ARGUMENT = Pattern.compile("- (\\w+)(!?) (\\S+)(?: : (.*))?");

    public static final ToolTable OURS = new ToolTable(TextResource.of(ToolTable.class, "tools.txt"));

    private final Map<String, String> sections = new HashMap<>();

    public ToolTable(String text) {
        String[] all = text.split("(?m)^(==|\\*\\*) ", -1);
        Arrays.stream(all)
                .skip(1)
                .map(section -> section.split("\\s", 2))
                .forEach(parts -> sections.put(parts[0], parts[1]));
    }

    public McpTool tool(String name, McpTool.Action action) {
        String[] parts = section(name).split("\n", 2);
        return new McpTool(
                name,
                parts[0].strip(),
                text(parts[1].lines()),
                arguments(parts[1]).toList(),
                Exclusion.in(parts[1]),
                action);
    }

    /** The sentences of a section, in one line. */
    public String text(String name) {
        return text(section(name).lines());
    }

    private static String text(Stream<String> lines) {
        return lines.filter(line -> !line.startsWith("- ") && !line.startsWith("! "))
                .collect(Collectors.joining(" "))
                .strip();
    }

    Map<String, Argument> lines(String name) {
        return arguments(section(name)).collect(Collectors.toMap(Argument::name, line -> line));
    }

    private String section(String name) {
        return Objects.requireNonNull(sections.get(name), name);
    }

    private Stream<Argument> arguments(String text) {
        return text.lines()
                .filter(line -> line.startsWith("- "))
                .flatMap(line ->
                        line.startsWith("- *") ? arguments(section(line.substring(3))) : Stream.of(argument(line)));
    }

    static Argument argument(String line) {
        Matcher parts = ARGUMENT.matcher(line);
        if (!parts.matches()) {
            throw new IllegalArgumentException(line);
        }
        String meaning = Objects.requireNonNullElse(parts.group(4), "");
        return new Argument(
                parts.group(1), Kind.of(parts.group(3)), !parts.group(2).isEmpty(), meaning);
    }
}
