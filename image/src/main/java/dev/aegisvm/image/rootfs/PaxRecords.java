package dev.aegisvm.image.rootfs;

import module java.base;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * The extended records of an entry as bytes. The tar library reads them as UTF-8, but names and values need not be
 * UTF-8; file capabilities are not.
 */
final class PaxRecords {
    static final int BLOCK = 512;

    static final String XATTR = "SCHILY.xattr.";

    private static final int TYPE = 156;
    private static final int SIZE = 124;
    private static final int SIZE_DIGITS = 12;

    private PaxRecords() {}

    /**
     * The records in the headers of one entry; each character of a key is a byte.
     *
     * @throws IOException if a header states a size that is no number
     */
    static Map<String, byte[]> in(byte[] headers) throws IOException {
        Map<String, byte[]> records = new LinkedHashMap<>();
        int at = 0;
        while (at + BLOCK <= headers.length) {
            char type = (char) headers[at + TYPE];
            if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
                break;
            }
            int size = Math.clamp(size(headers, at + SIZE), 0, headers.length);
            int end = Math.min(at + BLOCK + size, headers.length);
            if (type == 'x') {
                parse(headers, at + BLOCK, end, records);
            }
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
        return records;
    }

    private static long size(byte[] headers, int at) throws IOException {
        try {
            return TarUtils.parseOctalOrBinary(headers, at, SIZE_DIGITS);
        } catch (IllegalArgumentException noNumber) {
            throw new IOException("a size in the archive's headers is not a number", noNumber);
        }
    }

    /** Records are {@code "<length> <key>=<value>\n"}, the length that of the whole record. */
    private static void parse(byte[] bytes, int from, int end, Map<String, byte[]> records) {
        int at = from;
        while (at < end) {
            int digits = at;
            int length = 0;
            while (digits < end && bytes[digits] >= '0' && bytes[digits] <= '9' && length < end) {
                length = length * 10 + bytes[digits++] - '0';
            }
            int stop = at + length - 1;
            int equals = digits;
            while (equals < end && bytes[equals] != '=') {
                equals++;
            }
            if (length == 0 || stop > end || equals >= stop) {
                return;
            }
            String key = new String(bytes, digits + 1, equals - digits - 1, StandardCharsets.ISO_8859_1);
            records.put(key, Arrays.copyOfRange(bytes, equals + 1, stop));
            at += length;
        }
    }

    /** The records that give an entry its extended attributes. */
    static byte[] ofXattrs(Map<String, byte[]> xattrs) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        new TreeMap<>(xattrs).forEach((name, value) -> {
            byte[] key = (" " + XATTR + name + "=").getBytes(StandardCharsets.ISO_8859_1);
            int rest = key.length + value.length + 1;
            int length = rest + Integer.toString(rest).length();
            length = rest + Integer.toString(length).length();
            records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.ISO_8859_1));
            records.writeBytes(key);
            records.writeBytes(value);
            records.write('\n');
        });
        return records.toByteArray();
    }
}
