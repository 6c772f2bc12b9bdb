package dev.aegisvm.daemon.boot;

import module java.base;

/** Beside a saved machine: the names that its guest knows addresses of, which mean the same to those that go on from it. */
record SavedNames(Path file) {
    static SavedNames in(Path directory) {
        return new SavedNames(directory.resolve("names"));
    }

    void write(List<String> names) throws IOException {
        Files.write(file, names);
    }

    List<String> read() throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }
}
