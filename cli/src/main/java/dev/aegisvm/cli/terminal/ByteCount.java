package dev.aegisvm.cli.terminal;

/** A number of bytes for people. */
public final class ByteCount {
    private static final long UNIT = 1000;

    private ByteCount() {}

    /** Three digits or so, with a decimal unit: {@code 999 B}, {@code 1.2 MB}, {@code 345 MB}. */
    public static String of(long bytes) {
        if (bytes < UNIT) {
            return bytes + " B";
        }
        String units = "kMGT";
        long scale = UNIT;
        int unit = 0;
        while (bytes / scale >= UNIT && unit < units.length() - 1) {
            scale *= UNIT;
            unit++;
        }
        long tenths = bytes / (scale / 10);
        String number = tenths < 100 ? tenths / 10 + "." + tenths % 10 : Long.toString(tenths / 10);
        return number + " " + units.charAt(unit) + "B";
    }
}
