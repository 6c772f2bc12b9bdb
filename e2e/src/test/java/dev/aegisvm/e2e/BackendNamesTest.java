package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * Only a backend's own package knows its programs and formats: no other class has their names in its constant pool, be
 * it in a string, a type or a method; nor has the launcher of its jail.
 */
class BackendNamesTest {
    private static final Pattern NAMES =
            Pattern.compile("(?i)qemu|\\bqmp|qcow2|\\bv?9p\\b|\\bvd[ab]\\b|fdset|passt(?!hr)");

    /** Chooses the backend, so it may name its types; nothing more. */
    private static final String COMPOSITION_ROOT = "dev.aegisvm.daemon.Main";

    private static final Pattern TYPE_OF_VMM = Pattern.compile("dev/aegisvm/vmm/[\\w/$]+");

    @Test
    void theNamesOfABackendStayInItsRoom() throws IOException {
        List<String> found = new ArrayList<>();
        int read = 0;
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(new ArrowsTest.NoTestJars())
                .importPackages("dev.aegisvm")) {
            if (!mayKnow(each)) {
                found.addAll(namesIn(each));
                read++;
            }
        }
        assertThat(read).as("classes read").isGreaterThan(300);
        assertThat(found).isEmpty();
    }

    @Test
    void theLauncherOfTheJailKnowsNone() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("..", "host", "jail", "src"))) {
            List<Path> sources = files.toList();
            assertThat(sources)
                    .hasSizeGreaterThan(5)
                    .allSatisfy(each -> assertThat(Files.readString(each)).doesNotContainPattern(NAMES));
        }
    }

    /**
     * The packages themselves, how a host's user installs them, and the measurements: they compare with a QEMU of their own. Tests of
     * other rooms are not looked at.
     */
    private static boolean mayKnow(JavaClass each) {
        String name = each.getName();
        return name.startsWith("dev.aegisvm.vmm.qemu.")
                || name.startsWith("dev.aegisvm.vmm.jsonb.") // generated, for all packages of the room
                || name.startsWith("dev.aegisvm.vmm.net.")
                || name.startsWith("dev.aegisvm.vmm.Finding")
                || name.startsWith("dev.aegisvm.bench")
                || name.startsWith("dev.aegisvm.e2e");
    }

    private static List<String> namesIn(JavaClass each) throws IOException {
        List<String> names = new ArrayList<>();
        try (InputStream bytes = each.getSource().orElseThrow().getUri().toURL().openStream()) {
            for (PoolEntry entry : ClassFile.of().parse(bytes.readAllBytes()).constantPool()) {
                if (entry instanceof Utf8Entry text
                        && NAMES.matcher(visible(each, text.stringValue())).find()) {
                    names.add(each.getName() + ": " + text.stringValue());
                }
            }
        }
        return names;
    }

    private static String visible(JavaClass each, String text) {
        return each.getName().equals(COMPOSITION_ROOT)
                ? TYPE_OF_VMM.matcher(text).replaceAll("")
                : text;
    }
}
