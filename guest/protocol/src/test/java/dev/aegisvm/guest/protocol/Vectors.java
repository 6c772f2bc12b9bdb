package dev.aegisvm.guest.protocol;

import module java.base;

/** Reads the golden vectors that the C side reads too, and knows the sizes of frames. */
final class Vectors {
    private static final HexFormat HEX = HexFormat.of();

    private Vectors() {}

    /** The lines of a file as fields. */
    static List<List<String>> read(String file) {
        try {
            return Files.readAllLines(Path.of("vectors", file)).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> List.of(line.split(" \\| ", -1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many bytes a frame is on the wire, with its header. */
    static int size(Frame frame) {
        return Frame.HEADER
                + switch (frame) {
                    case Frame.Hello _ -> 28;
                    case Frame.Control control -> control.piece().remaining();
                    case Frame.Data data -> data.bytes().remaining();
                    case Frame.Credit _, Frame.Reset _ -> 4;
                    case Frame.Eof _ -> 0;
                };
    }

    /** Tokens between blanks: hex digits, or a byte repeated. */
    static byte[] bytes(String tokens) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String token : tokens.strip().split(" +", -1)) {
            int star = token.indexOf('*');
            int times = star < 0 ? 1 : Integer.parseInt(token.substring(star + 1));
            byte[] once = token.equals("-") ? new byte[0] : HEX.parseHex(star < 0 ? token : token.substring(0, star));
            for (int i = 0; i < times; i++) {
                out.writeBytes(once);
            }
        }
        return out.toByteArray();
    }
}
