package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.ReadThrough;
import dev.aegisvm.image.ImageException;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * A tar's bytes on their way to its reader. The headers of an entry are kept, and have a limit: a tar can claim a name
 * of gigabytes, which the tar reader would keep in memory. The last block is filled up with zeros: umoci writes layers
 * that end with the last byte of a file.
 */
final class LayerBytes extends ReadThrough {
    static final int BLOCK = 512;

    /** What a key of an extended record begins with that has an extended attribute. */
    static final String XATTR = "SCHILY.xattr.";

    private static final int MAX_HEADERS = 2 * 1024 * 1024;
    /** Where a header has its type, and its size. */
    private static final int TYPE = 156;

    private static final int SIZE = 124;
    private static final int SIZE_DIGITS = 12;

    private final ByteArrayOutputStream headers = new ByteArrayOutputStream(2048);
    private boolean inHeaders;
    private long position;

    LayerBytes(InputStream in) {
        super(in);
    }

    void headersBegin() {
        headers.reset();
        inHeaders = true;
    }

    void headersEnd() {
        inHeaders = false;
    }

    /** How many bytes were read, those that fill the last block included. */
    long position() {
        return position;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        int inBlock = (int) (position % BLOCK);
        if (read < 0 && inBlock > 0 && count > 0) {
            read = Math.min(count, BLOCK - inBlock);
            Arrays.fill(buffer, offset, offset + read, (byte) 0);
        }
        position += Math.max(0, read);
        return read;
    }

    @Override
    protected void passed(byte[] buffer, int offset, int count) throws IOException {
        if (!inHeaders) {
            return;
        }
        if (headers.size() + count > MAX_HEADERS) {
            throw ImageException.broken("an entry's headers are longer than " + MAX_HEADERS + " bytes");
        }
        headers.write(buffer, offset, count);
    }

    /**
     * The extended records in the headers, as bytes: the tar library reads them as UTF-8, but names and values need not
     * be UTF-8; file capabilities are not. Each character of a key is a byte. An incomplete block at the front is left
     * out.
     *
     * @throws IOException if a header states a size that is no number
     */
    Map<String, byte[]> records() throws IOException {
        byte[] all = headers.toByteArray();
        Map<String, byte[]> records = new LinkedHashMap<>();
        int at = all.length % BLOCK;
        while (at + BLOCK <= all.length) {
            char type = (char) all[at + TYPE];
            if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
                break;
            }
            int size = Math.clamp(size(all, at + SIZE), 0, all.length);
            int end = Math.min(at + BLOCK + size, all.length);
            if (type == 'x') {
                parse(all, at + BLOCK, end, records);
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
