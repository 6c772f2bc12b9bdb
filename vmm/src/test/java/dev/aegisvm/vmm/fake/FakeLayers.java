package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.vmm.*;

/** Layers that are texts: of what is written to them, each line is one more of the disk. */
public class FakeLayers implements Layers {
    private static final String FIRST_LINE = "layer\n";

    @Override
    public void create(Path file, long bytes) throws IOException {
        Files.writeString(file, FIRST_LINE);
    }

    @Override
    public void requireSound(Path file, long bytes) throws IOException {
        if (!Files.readString(file).startsWith(FIRST_LINE)) {
            throw new IOException(file.getFileName() + " is not a valid disk overlay");
        }
    }

    @Override
    public void apply(List<Path> files, Path raw, Path scratch) throws IOException, VmmException {
        for (Path file : files) {
            String written = Files.readString(file).substring(FIRST_LINE.length());
            Files.writeString(raw, written, StandardOpenOption.APPEND);
        }
    }
}
