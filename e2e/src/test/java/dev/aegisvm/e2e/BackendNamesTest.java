package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * Only a backend's own room knows its programs: no other class has their names in its constant pool, be
 * it in a string, a type or a method.
 */
class BackendNamesTest {
    private static final Pattern NAMES = Pattern.compile("(?i)qemu|\\bqmp\\b|passt(?!hr)");

    /** Chooses the backend, so it may name its types; nothing more. */
    private static final String COMPOSITION_ROOT = "dev.aegisvm.daemon.Main";

    private static final Pattern TYPE_OF_VMM = Pattern.compile("dev/aegisvm/vmm/[\\w/$]+");

    @Test
    void theNamesOfABackendStayInItsRoom() throws IOException {
        List<String> found = new ArrayList<>();
        int read = 0;
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.aegisvm")) {
            if (!mayKnow(each.getPackageName())) {
                found.addAll(namesIn(each));
                read++;
            }
        }
        assertThat(read).as("classes read").isGreaterThan(300);
        assertThat(found).isEmpty();
    }

    /** The room itself, and the measurements: they compare with a QEMU of their own. Tests of other rooms are not looked at. */
    private static boolean mayKnow(String name) {
        return name.startsWith("dev.aegisvm.vmm")
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
