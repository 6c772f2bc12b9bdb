package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;

/** Has a guest make a picture small enough to be seen: Pillow does it for pixels, rsvg for SVG. */
final class Pictures {
    private static final int CONVERT_S = 60;

    private Pictures() {}

    /** The picture in a file of a guest, as it is where it can be seen, else made smaller there. */
    static Picture read(Call call, ProcessTools processes) throws IOException {
        String path = call.arguments().required("path");
        try (DaemonClient client = call.client();
                InputStream content = FileTools.of(call, client).read(path, 0, Picture.MAX_BYTES + 1)) {
            Optional<Picture> asItIs = Picture.of(content.readAllBytes());
            if (asItIs.isPresent()) {
                return asItIs.get();
            }
        }
        List<String> command = List.of("sh", "-c", ToolTable.resource("convert.sh"), "sh", path);
        Excerpt all = new Excerpt(2 * Picture.MAX_BYTES, null, null);
        ProcessTools.Whole whole = processes.whole(call, call.instance(), command, CONVERT_S, all);
        return Picture.ofBase64(whole.stdout())
                .orElseThrow(
                        () -> ErrorCode.FILE_REFUSED.refusal(
                                "the picture is too large to be shown, or in a form that is not, and the guest cannot convert it: "
                                        + whole.stderr().strip(),
                                "make a PNG, JPEG, GIF or WebP of at most 2000 x 2000 pixels and 700 KB; the image aegis:full has Pillow"));
    }
}
