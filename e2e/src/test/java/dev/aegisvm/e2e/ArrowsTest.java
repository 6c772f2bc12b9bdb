package dev.aegisvm.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import module java.base;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** Which room may use which, as ARCHITECTURE.md draws it: whatever is not listed for a room is closed to it. */
@AnalyzeClasses(
        packages = "dev.aegisvm",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArrowsTest.NoTestJars.class})
class ArrowsTest {

    /** A room's tests come in a jar where Maven has packaged them. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String OURS = "dev.aegisvm";
    private static final String DAEMON = OURS + ".daemon";
    /** How the daemon starts threads; every package may use it. */
    private static final String TASKS = DAEMON + ".task..";
    /** And where what happens is counted. */
    private static final String METRICS = DAEMON + ".metrics..";
    /** And what foreign input takes of its memory. */
    private static final String BUDGET = DAEMON + ".budget..";

    @ArchTest
    static final ArchRule API = room(OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule PROTOCOL = room(OURS + ".guest.protocol..", OURS + ".host..");

    @ArchTest
    static final ArchRule HOST = room(OURS + ".host..");

    @ArchTest
    static final ArchRule VMM = room(OURS + ".vmm..", OURS + ".host..");

    @ArchTest
    static final ArchRule IMAGE = room(OURS + ".image..", OURS + ".host..");

    @ArchTest
    static final ArchRule GATEWAY = room(OURS + ".gateway..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule CLIENT = room(OURS + ".client..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule CLI = room(OURS + ".cli..", OURS + ".client..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule MCP = room(OURS + ".mcp..", OURS + ".client..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule BENCH =
            room(OURS + ".bench..", OURS + ".client..", OURS + ".api..", OURS + ".host..", OURS + ".testkit..");

    @ArchTest
    static final ArchRule TESTKIT = room(OURS + ".testkit..");

    @ArchTest
    static final ArchRule DAEMON_AS_A_WHOLE = room(
            DAEMON + "..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".vmm..",
            OURS + ".image..",
            OURS + ".gateway..",
            OURS + ".guest.protocol..");

    @ArchTest
    static final ArchRule HTTP = room(
            DAEMON + ".http..",
            DAEMON + ".create..",
            DAEMON + ".exec..",
            DAEMON + ".instance..",
            DAEMON + ".images..",
            DAEMON + ".guest..",
            DAEMON + ".logs..",
            DAEMON + ".network..",
            DAEMON + ".router..",
            DAEMON + ".secrets..",
            DAEMON + ".snapshot..",
            DAEMON + ".storage..",
            DAEMON + ".workspace..",
            OURS + ".gateway..",
            OURS + ".api..",
            OURS + ".host..");

    @ArchTest
    static final ArchRule STORAGE = room(
            DAEMON + ".storage..",
            DAEMON + ".home..",
            DAEMON + ".images..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".vmm..");

    @ArchTest
    static final ArchRule WORKSPACE =
            room(DAEMON + ".workspace..", DAEMON + ".guest..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule SNAPSHOT = room(
            DAEMON + ".snapshot..",
            DAEMON + ".exec..",
            DAEMON + ".instance..",
            DAEMON + ".images..",
            DAEMON + ".guest..",
            DAEMON + ".registry..",
            DAEMON + ".workspace..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".image..",
            OURS + ".vmm..");

    @ArchTest
    static final ArchRule IMAGES = room(DAEMON + ".images..", OURS + ".api..", OURS + ".image..");

    @ArchTest
    static final ArchRule INSTANCE = room(
            DAEMON + ".instance..",
            DAEMON + ".images..",
            DAEMON + ".guest..",
            DAEMON + ".idle..",
            DAEMON + ".logs..",
            OURS + ".api..",
            OURS + ".gateway..",
            OURS + ".host..",
            OURS + ".vmm..",
            OURS + ".image..");

    @ArchTest
    static final ArchRule NETWORK = room(
            DAEMON + ".network..",
            DAEMON + ".guest..",
            DAEMON + ".idle..",
            DAEMON + ".instance..",
            DAEMON + ".logs..",
            DAEMON + ".router..",
            OURS + ".api..",
            OURS + ".gateway..",
            OURS + ".guest.protocol..");

    @ArchTest
    static final ArchRule EXEC = room(
            DAEMON + ".exec..",
            DAEMON + ".instance..",
            DAEMON + ".guest..",
            DAEMON + ".idle..",
            DAEMON + ".logs..",
            OURS + ".api..",
            OURS + ".vmm..");

    @ArchTest
    static final ArchRule CREATE = room(
            DAEMON + ".create..",
            DAEMON + ".instance..",
            DAEMON + ".idle..",
            DAEMON + ".images..",
            DAEMON + ".secrets..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".vmm..",
            OURS + ".image..");

    @ArchTest
    static final ArchRule BOOT = room(
            DAEMON + ".boot..",
            DAEMON + ".create..",
            DAEMON + ".exec..",
            DAEMON + ".instance..",
            DAEMON + ".images..",
            DAEMON + ".guest..",
            DAEMON + ".idle..",
            DAEMON + ".logs..",
            DAEMON + ".network..",
            DAEMON + ".secrets..",
            DAEMON + ".workspace..",
            OURS + ".api..",
            OURS + ".gateway..",
            OURS + ".host..",
            OURS + ".vmm..");

    /** The registry implements the stores that the domain declares. */
    @ArchTest
    static final ArchRule REGISTRY = room(
            DAEMON + ".registry..",
            DAEMON + ".instance..",
            DAEMON + ".idle..",
            DAEMON + ".secrets..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".vmm..");

    /** The router implements the ports that the domain declares. */
    @ArchTest
    static final ArchRule ROUTER = room(
            DAEMON + ".router..",
            DAEMON + ".idle..",
            DAEMON + ".instance..",
            DAEMON + ".guest..",
            OURS + ".api..",
            OURS + ".host..",
            OURS + ".guest.protocol..");

    @ArchTest
    static final ArchRule GUEST =
            room(DAEMON + ".guest..", OURS + ".api..", OURS + ".vmm..", OURS + ".guest.protocol..");

    @ArchTest
    static final ArchRule LOGS = room(DAEMON + ".logs..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule SECRETS = room(DAEMON + ".secrets..", OURS + ".api..", OURS + ".host..");

    @ArchTest
    static final ArchRule CHECK =
            room(DAEMON + ".check..", DAEMON + ".home..", OURS + ".api..", OURS + ".host..", OURS + ".vmm..");

    @ArchTest
    static final ArchRule HOME = room(DAEMON + ".home..", OURS + ".api..", OURS + ".gateway..", OURS + ".host..");

    @ArchTest
    static final ArchRule IDLE = room(DAEMON + ".idle..", OURS + ".api..");

    @ArchTest
    static final ArchRule TASK = room(TASKS);

    @ArchTest
    static final ArchRule COUNTS = room(METRICS);

    @ArchTest
    static final ArchRule COSTS = room(BUDGET, OURS + ".guest.protocol..");

    @ArchTest
    static final ArchRule ONLY_THE_REGISTRY_KNOWS_SQL = noClasses()
            .that()
            .resideOutsideOfPackage(DAEMON + ".registry..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule NO_BACKEND_IS_KNOWN_BY_NAME_OUTSIDE_ITS_ROOM_AND_THE_COMPOSITION_ROOT = noClasses()
            .that()
            .resideOutsideOfPackages(OURS + ".vmm..", DAEMON)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OURS + ".vmm.qemu..");

    /** A backend does what start asks for; and neither the seam nor start knows one. */
    @ArchTest
    static final ArchRule THE_FLOORS_OF_VMM = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(OURS + ".vmm..")
            .layer("backends")
            .definedBy(OURS + ".vmm.qemu..")
            .layer("start")
            .definedBy(OURS + ".vmm.start..")
            .layer("disk and network")
            .definedBy(OURS + ".vmm.disk..", OURS + ".vmm.net..")
            .layer("seam")
            .definedBy(OURS + ".vmm")
            .whereLayer("backends")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("start")
            .mayOnlyBeAccessedByLayers("backends")
            .whereLayer("disk and network")
            .mayOnlyBeAccessedByLayers("start", "backends")
            .ignoreDependency(
                    JavaClass.Predicates.resideInAPackage(OURS + ".vmm.jsonb"), // generated
                    DescribedPredicate.alwaysTrue());

    /** Bench measures processes from outside, and what TarPacker names is in the guest. */
    @ArchTest
    static final ArchRule ONLY_HOST_READS_PROC = noClasses()
            .that()
            .resideOutsideOfPackages(OURS + ".host..", OURS + ".bench..", OURS + ".testkit..")
            .and()
            .doNotHaveSimpleName("TarPacker")
            .should(haveText("(^|/)proc/|/proc$"));

    @ArchTest
    static final ArchRule ONLY_HOST_KNOWS_HOW_A_PROGRAM_IS_CONFINED_OR_DETACHED =
            noClasses().that().resideOutsideOfPackage(OURS + ".host..").should(haveText(".*\\b(setpriv|setsid)\\b.*"));

    @ArchTest
    static final ArchRule ONLY_HOST_LINKS_NATIVE_FUNCTIONS = noClasses()
            .that()
            .resideOutsideOfPackage(OURS + ".host..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*");

    @ArchTest
    static final ArchRule THE_GATEWAY_HAS_NO_CIRCLE =
            slices().matching(OURS + ".gateway.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule THE_DAEMON_HAS_NO_CIRCLE =
            slices().matching(DAEMON + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    /** A file is a class with all that is nested in it; what is generated belongs to none. */
    private static final SliceAssignment EACH_FILE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaClass file = type;
            while (file.getEnclosingClass().isPresent()) {
                file = file.getEnclosingClass().get();
            }
            boolean generated = file.getSimpleName().endsWith("Builder")
                    || file.getSimpleName().endsWith("JsonAdapter")
                    || file.getSimpleName().equals("GeneratedJsonComponent");
            return generated ? SliceIdentifier.ignore() : SliceIdentifier.of(file.getName());
        }

        @Override
        public String getDescription() {
            return "files";
        }
    };

    @ArchTest
    static final ArchRule NO_FILES_FORM_A_CIRCLE =
            slices().assignedFrom(EACH_FILE).should().beFreeOfCycles().allowEmptyShould(true);

    /** A room may use itself, what it is given here, and everything that is not ours. */
    private static ArchRule room(String room, String... mayUse) {
        DescribedPredicate<JavaClass> open = JavaClass.Predicates.resideInAnyPackage(mayUse)
                .or(JavaClass.Predicates.resideInAnyPackage(room, TASKS, METRICS, BUDGET))
                .or(JavaClass.Predicates.resideOutsideOfPackage(OURS + ".."));
        return classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(open)
                .allowEmptyShould(true);
    }

    /** A class with a string in its constant pool that matches; the parts of a concatenation count. */
    static ArchCondition<JavaClass> haveText(String regex) {
        Pattern pattern = Pattern.compile("(?s)" + regex);
        return new ArchCondition<>("have a text like " + regex) {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (String text : texts(item)) {
                    events.add(new SimpleConditionEvent(
                            item, pattern.matcher(text).find(), item.getName() + " has '" + text + "'"));
                }
            }
        };
    }

    private static List<String> texts(JavaClass item) {
        try (InputStream bytes = item.getSource().orElseThrow().getUri().toURL().openStream()) {
            List<String> texts = new ArrayList<>();
            for (PoolEntry entry : ClassFile.of().parse(bytes.readAllBytes()).constantPool()) {
                if (entry instanceof StringEntry text) {
                    texts.add(text.stringValue());
                }
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
