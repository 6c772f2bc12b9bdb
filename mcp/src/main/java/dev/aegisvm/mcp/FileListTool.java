package dev.aegisvm.mcp;

import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code file_list}: a directory of the guest. */
final class FileListTool implements Tool {
    private static final int MOST = 1000;

    @Override
    public Description description() {
        return Description.of(
                "file_list",
                "List a directory of an instance",
                Effect.READS,
                """
                Lists a directory in a running instance, an entry in each line, 1000 at most: name, type, size, mode, owner, time, \
                target of a symlink. For more, or for a tree, exec find.""",
                ArgumentList.none()
                        .required("name", Argument.Kind.TEXT, "name or id of the instance")
                        .required("path", Argument.Kind.TEXT, "absolute path of a directory in the guest")
                        .optional("user", Argument.Kind.TEXT, "a user of the guest; root when not given"));
    }

    @Override
    public String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        List<String> lines = new ArrayList<>();
        try (DaemonClient client = call.client();
                JsonLines entries =
                        client.files(given.required("name"), given.text("user")).list(given.required("path"))) {
            byte[] entry = entries.next();
            while (entry != null && lines.size() < MOST) {
                lines.add(new String(entry, StandardCharsets.UTF_8));
                entry = entries.next();
            }
            if (entry != null) {
                lines.add("(and more: only the first " + MOST + " are shown)");
            }
        }
        return lines.isEmpty() ? "(empty)" : String.join("\n", lines);
    }
}
