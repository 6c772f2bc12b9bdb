package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

/** The tour of ARCHITECTURE.md opens files that exist, in an order in which one leads to the next. */
class TourTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    /** Where a program begins, or where something that another program sent arrives. */
    private static final Set<String> BEGINNINGS = Set.of("Aegis.java", "ApiServer.java", "main.c");
    /** More files than that cannot be read in one go. */
    private static final int MOST = 45;

    private static final Pattern FILE = Pattern.compile("`([\\w/.-]+\\.(?:java|c))`");
    private static final Pattern INTERFACES = Pattern.compile("implements ([\\w., ]+)");

    @Test
    void eachFileIsNamedByOneThatWasReadBefore() throws IOException {
        List<Path> sources = sources();
        List<Path> read = new ArrayList<>();
        for (String name : filesOfTheTour()) {
            List<Path> found =
                    sources.stream().filter(each -> each.endsWith(name)).toList();
            assertThat(found).as("files called " + name).hasSize(1);
            Path file = found.getFirst();
            if (!BEGINNINGS.contains(file.getFileName().toString())) {
                Set<String> names = namesOf(file);
                assertThat(read).as("files before " + name).anyMatch(before -> mentions(before, names));
            }
            read.add(file);
        }
        assertThat(read).doesNotHaveDuplicates().hasSizeBetween(BEGINNINGS.size() + 1, MOST);
    }

    private static List<String> filesOfTheTour() throws IOException {
        String text = Files.readString(ROOT.resolve("ARCHITECTURE.md"));
        int begin = text.indexOf("\n## A tour");
        String tour = text.substring(begin, text.indexOf("\n## ", begin + 1));
        return FILE.matcher(tour).results().map(found -> found.group(1)).toList();
    }

    private static List<Path> sources() throws IOException {
        Pattern source = Pattern.compile("(?!target/).*(src/main/java|guest/harness/src)/.*\\.(java|c)");
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(each ->
                            source.matcher(ROOT.relativize(each).toString()).matches())
                    .toList();
        }
    }

    /** By what another file names this one: its type, an interface that it stands behind, or its header. */
    private static Set<String> namesOf(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".c")) {
            return Set.of(name.replace(".c", ".h"));
        }
        Set<String> names = new HashSet<>(Set.of(name.replace(".java", "")));
        Matcher interfaces = INTERFACES.matcher(Files.readString(file));
        if (interfaces.find()) {
            names.addAll(Pattern.compile("[, ]+")
                    .splitAsStream(interfaces.group(1).strip())
                    .toList());
        }
        return names;
    }

    private static boolean mentions(Path file, Set<String> names) {
        try {
            String text = Files.readString(file);
            return names.stream()
                    .anyMatch(name -> Pattern.compile("\\b" + Pattern.quote(name) + "\\b")
                            .matcher(text)
                            .find());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
