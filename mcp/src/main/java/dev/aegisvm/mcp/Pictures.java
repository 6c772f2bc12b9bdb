package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;

/** Has a guest make a picture small enough to be seen: Pillow does it for pixels, rsvg for SVG. */
final class Pictures {
    private static final int CONVERT_S = 60;
    private static final String CONVERT = """
        case $1 in
        *.svg|*.SVG) exec rsvg-convert -a -w 1200 -h 1200 -- "$1" | base64 ;;
        esac
        exec python3 -c '
        import base64, io, sys
        from PIL import Image
        i = Image.open(sys.argv[1])
        i.thumbnail((1568, 1568))
        def code(form, mode, **more):
            out = io.BytesIO()
            i.convert(mode).save(out, form, **more)
            return out.getvalue()
        b = code("PNG", "RGBA")
        if len(b) > 700000: b = code("JPEG", "RGB", quality=80)
        print(base64.b64encode(b).decode())' "$1\"""";

    private Pictures() {}

    /** The picture in a file of a guest, as it is where it can be seen, else made smaller there. */
    static Picture read(Call call, ProcessTools processes) throws IOException {
        String path = call.arguments().required("path");
        byte[] bytes;
        try (DaemonClient client = call.client();
                InputStream content = FileTools.of(call, client).read(path, 0, Picture.MAX_BYTES + 1)) {
            bytes = content.readAllBytes();
        }
        Optional<Picture> asItIs = Picture.of(bytes);
        return asItIs.isPresent() ? asItIs.get() : converted(call, processes, path);
    }

    private static Picture converted(Call call, ProcessTools processes, String path) throws IOException {
        List<String> command = List.of("sh", "-c", CONVERT, "sh", path);
        ProcessTools.Whole whole = processes.whole(call, call.instance(), command, CONVERT_S);
        try {
            Optional<Picture> picture = Picture.of(Base64.getMimeDecoder().decode(whole.stdout()));
            if (whole.exitCode() == 0 && picture.isPresent()) {
                return picture.get();
            }
        } catch (IllegalArgumentException noBase64) {
            throw refusal(whole.stderr());
        }
        throw refusal(whole.stderr());
    }

    private static RuntimeException refusal(String said) {
        return ErrorCode.FILE_REFUSED.refusal(
                "the picture is too large to be shown, or in a form that is not, and the guest cannot convert it"
                        + (said.isBlank()
                                ? ""
                                : ": "
                                        + said.strip()
                                                .lines()
                                                .reduce((_, last) -> last)
                                                .orElse("")),
                "make a PNG, JPEG, GIF or WebP of at most 2000 x 2000 pixels and 700 KB; the image aegis:full has Pillow");
    }
}
