package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;

/**
 * All of {@code /usr} that a QEMU in a jail has: copies of its program, its libraries and its firmware, in the cache.
 * They are made once for each QEMU and each version of a library.
 */
final class QemuFiles {
    private static final Path USR = Path.of("/usr");
    private static final String DATA = "/usr/share/qemu/";
    private static final List<String> FIRMWARE = List.of("qboot.rom", "pvh.bin", "linuxboot_dma.bin", "kvmvapic.bin");
    /** Where a dynamic linker looks first when it is not told where. */
    private static final Path LIBRARIES = Path.of("/usr/lib/" + Processor.ours().gnuName() + "-linux-gnu");

    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x[0-9a-f]+\\)");
    private static final String UNFINISHED = "unfinished-";

    private final Path root;
    private Optional<Path> usr = Optional.empty();

    QemuFiles(Path cache) {
        this.root = cache.resolve("qemu");
    }

    /** The directory, made by the first who asks; empty where QEMU is a script, which may need anything. */
    synchronized Optional<Path> usr() throws VmmException {
        try {
            // Another daemon with the same cache may have removed it, for another QEMU.
            if (usr.filter(Files::exists).isEmpty()) {
                usr = make();
            }
            return usr;
        } catch (IOException e) {
            throw new VmmException(
                    "cannot copy QEMU's files to " + root + ": " + HostError.text(e),
                    "Check that the file system has free space and is writable, and that QEMU is installed.",
                    e);
        }
    }

    private Optional<Path> make() throws IOException {
        Path binary = Program.find(QemuBinary.NAME).orElseThrow(() -> new IOException(QemuBinary.NAME + " is missing"));
        try (InputStream content = Files.newInputStream(binary)) {
            if (new String(content.readNBytes(2), StandardCharsets.ISO_8859_1).equals("#!")) {
                return Optional.empty();
            }
        }
        Set<Path> files = new LinkedHashSet<>(List.of(binary));
        Matcher libraries = LIBRARY.matcher(Program.run(List.of("ldd", binary.toString())));
        while (libraries.find()) {
            files.add(Path.of(libraries.group(1)));
        }
        FIRMWARE.stream().map(name -> Path.of(DATA, name)).filter(Files::exists).forEach(files::add);
        Path place = root.resolve(key(files));
        if (!Files.isDirectory(place)) {
            copy(files, binary, place);
        }
        return Optional.of(place.resolve("usr"));
    }

    private static String key(Set<Path> files) throws IOException {
        StringBuilder inputs = new StringBuilder();
        for (Path file : files) {
            inputs.append(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + "\n");
        }
        return Fingerprint.of(inputs.toString());
    }

    /** Whole or not there; several daemons may share a cache. What was made for a QEMU before this one goes. */
    private void copy(Set<Path> files, Path binary, Path whole) throws IOException {
        Files.createDirectories(root);
        Path unfinished = Files.createTempDirectory(root, UNFINISHED);
        try {
            for (Path file : files) {
                Path inJail = file.equals(binary) ? USR.resolve("bin").resolve(QemuBinary.NAME) : place(file);
                Path copy = unfinished.resolve(Path.of("/").relativize(inJail));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
            Files.createDirectories(unfinished.resolve("usr/lib64"));
            Files.move(unfinished, whole);
            removeOthers(whole);
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException madeMeanwhile) {
            // By another daemon: that is as good.
        } finally {
            PrivateDirectory.remove(unfinished);
        }
    }

    /** In the jail, /lib and /lib64 are links into /usr, as on every host of today. */
    private static Path place(Path file) {
        if (file.startsWith(USR)) {
            return file;
        }
        return file.startsWith("/lib") || file.startsWith("/lib64")
                ? USR.resolve(Path.of("/").relativize(file))
                : LIBRARIES.resolve(file.getFileName());
    }

    /** A QEMU that runs keeps what it has open; another daemon may be at work on its copies, which takes a moment. */
    private void removeOthers(Path current) throws IOException {
        Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
        for (Path each : PrivateDirectory.list(root)) {
            boolean mayBeInUse = each.getFileName().toString().startsWith(UNFINISHED)
                    && !Files.getLastModifiedTime(each).toInstant().isBefore(hourAgo);
            if (!each.equals(current) && !mayBeInUse) {
                PrivateDirectory.remove(each);
            }
        }
    }
}
