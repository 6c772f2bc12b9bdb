package dev.aegisvm.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {
    private static final Destination OURS = new Destination.Named("packages.example.com", 443);

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("presets.toml");
    }

    /** Each time as if a second later, so that the change is seen however coarse the file system's clock is. */
    private void write(String toml) throws IOException {
        FileTime before = Files.exists(file()) ? Files.getLastModifiedTime(file()) : FileTime.from(Instant.EPOCH);
        Files.writeString(file(), toml);
        Files.setLastModifiedTime(file(), FileTime.from(before.toInstant().plusSeconds(1)));
    }

    private static boolean allows(Presets presets, String word) throws PolicyException {
        List<Rule> rules = presets.filled(List.of(Rule.parse(word)));
        return new Policy(Mode.ALLOW, rules, List.of(), new Nearby(Set::of))
                .decide(OURS)
                .allowed();
    }

    @Test
    void thoseOfAnExternalServiceAreThere() throws PolicyException {
        Presets presets = new Presets(file(), _ -> List.of());
        presets.require(Rule.parse(List.of("@github", "@gitlab", "@docker", "api.example.com")));
        assertThat(presets.all().keySet()).contains("@pypi", "@npm", "@debian", "@maven", "@github");
    }

    @Test
    void oneWithoutHostsIsFilledByTheFileOfTheUser() throws Exception {
        Presets presets = new Presets(file(), _ -> List.of());
        assertThatThrownBy(() -> presets.require(List.of(Rule.parse("@npm"))))
                .isInstanceOf(PolicyException.class)
                .hasMessageStartingWith("@npm has no hosts yet: write npm = [\"HOST\"] in " + file())
                .hasMessageContaining("aegis network log NAME --suggest");
        write("npm = ['packages.example.com', '*.cdn.example.com:443', '10.1.0.0/16']");
        presets.require(List.of(Rule.parse("@npm")));
        assertThat(allows(presets, "@npm")).isTrue();
    }

    @Test
    void oneThatNobodyFillsIsWhatThisHostsPackageManagerSays() throws Exception {
        List<String> asked = new ArrayList<>();
        Presets presets = new Presets(file(), word -> {
            asked.add(word);
            return List.of("packages.example.com");
        });
        presets.require(Rule.parse(List.of("@npm", "@github")));
        assertThat(allows(presets, "@npm")).isTrue();
        assertThat(allows(presets, "@github")).isFalse();
        assertThat(asked).containsExactly("@npm");
        write("npm = ['other.example.com']");
        assertThat(allows(presets, "@npm")).as("the user's file wins").isFalse();
    }

    @Test
    void onesOwnAreAddedAndChangeWhileItRuns() throws Exception {
        write("office = ['other.example.com']");
        Presets presets = new Presets(file(), _ -> List.of());
        presets.require(List.of(Rule.parse("@office")));
        assertThat(allows(presets, "@office")).isFalse();
        write("office = ['packages.example.com:443']");
        assertThat(allows(presets, "@office")).isTrue();
        assertThatThrownBy(() -> presets.require(List.of(Rule.parse("@nothing"))))
                .hasMessageContaining("there is no preset '@nothing': write nothing = [\"HOST\"] in ")
                .hasMessageContaining("@office");
    }

    @Test
    void oneThatIsGoneAllowsNothingAndDeniesEverything() throws Exception {
        Presets presets = new Presets(file(), _ -> List.of());
        List<Rule> gone = presets.filled(List.of(Rule.parse("@gone")));
        Nearby nearby = new Nearby(Set::of);
        assertThat(allows(presets, "@gone")).isFalse();
        assertThat(new Policy(Mode.PUBLIC, List.of(), gone, nearby).decide(OURS).sentence())
                .isEqualTo(
                        "packages.example.com:443 is refused by the rule --deny @gone, a preset without hosts, which denies"
                                + " everything; --allow @gone replaces that rule");
    }

    @Test
    void aMistakeThatIsMadeLaterIsToldToWhoeverAsksAndChangesNothing() throws Exception {
        write("office = ['packages.example.com']");
        Presets presets = new Presets(file(), _ -> List.of());
        write("office = [");
        assertThat(allows(presets, "@office")).isTrue();
        assertThatThrownBy(() -> presets.require(List.of(Rule.parse("@office"))))
                .hasMessageStartingWith(file().toString());
        write("office = ['packages.example.com']");
        presets.require(List.of(Rule.parse("@office")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "npm = 'x.example.com'   | line 2: npm must be a list of rules",
                "npm = [1]               | line 2: npm must be a list of rules",
                "npm = ['http://x/y']    | line 2: 'http://x/y' is a URL",
                "npm = ['@github']       | line 2: '@github' is not a host",
                "NPM = ['x.example.com'] | line 2: '@NPM' is not a valid rule",
                "[npm]                   | line 2: npm must be a list of rules",
                "npm = [                 | (line 3, column 1)",
            })
    void aMistakeIsNamedWithItsLine(String line, String mistake) throws IOException {
        write("# hosts\n" + line + "\n");
        assertThatThrownBy(() -> new Presets(file(), _ -> List.of()))
                .isInstanceOf(PolicyException.class)
                .hasMessageStartingWith(file().toString())
                .hasMessageContaining(mistake);
    }
}
