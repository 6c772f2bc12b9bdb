package dev.aegisvm.vmm.qemu;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a template by all that it depends on: the whole command line (kernel, initramfs, root, shape, accelerator,
 * devices), the QEMU binary and the size of the disk. Whatever changes there makes another template.
 *
 * @param value 24 hexadecimal digits
 */
record TemplateKey(String value) {
    /** Changes whenever the way templates are made does. */
    private static final String FORMAT = "3";

    private static final int DIGITS = 24;

    /**
     * @param line the command line of a template in the making; its run directory and memory file must be fixed names
     * @param qemu identifies the QEMU binary
     */
    static TemplateKey of(QemuCommandLine line, String qemu, int diskSizeMb) {
        String inputs =
                String.join("\n", line.arguments()) + "\n" + qemu + "\n" + diskSizeMb + "\nformat " + FORMAT + "\n";
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(inputs.getBytes(StandardCharsets.UTF_8));
            return new TemplateKey(HexFormat.of().formatHex(digest).substring(0, DIGITS));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
