package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.client.Upload;
import java.io.IOException;

/** {@code file_write}: a file of the guest, as a whole. */
final class FileWriteTool implements Tool {
    @Override
    public Description description() {
        return Description.of(
                "file_write",
                "Write a file of an instance",
                Effect.DESTROYS,
                """
                Writes a file in a running instance: what was there under the name is replaced, as a whole or not at all. Directories \
                on the way are made. A paused instance is resumed.""",
                ArgumentList.none()
                        .required("name", Argument.Kind.TEXT, "name or id of the instance")
                        .required("path", Argument.Kind.TEXT, "absolute path in the guest")
                        .required("content", Argument.Kind.TEXT, "all that the file has to contain")
                        .optional("encoding", Argument.Kind.TEXT, Encoding.ARGUMENT)
                        .optional("user", Argument.Kind.TEXT, "a user of the guest; root when not given"));
    }

    @Override
    public String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String path = given.required("path");
        byte[] content = Encoding.named(given.text("encoding")).bytes(given.required("content"));
        try (DaemonClient client = call.client()) {
            InstanceFiles files = client.files(given.required("name"), given.text("user"));
            int slash = path.lastIndexOf('/');
            if (slash > 0) {
                files.makeDirectories(path.substring(0, slash));
            }
            try (Upload upload = files.write(path)) {
                upload.out().write(content);
                return ApiJson.text(InstanceFiles.written(upload));
            }
        }
    }
}
