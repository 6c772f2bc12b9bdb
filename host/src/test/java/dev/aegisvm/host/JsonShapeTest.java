package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonShapeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {}                                    | 1, 1, false, false, false
                    [[],{"a":[1,2]},"[[[{,"]              | 3, 7, false, false, false
                    {"a":null,"b":["null",{"c":null}]}    | 3, 5, false, false, false
                    [null]                                | 1, 1, true, false, false
                    {"a":[1,null]}                        | 2, 3, true, false, false
                    [1234567890123456789]                 | 1, 1, false, false, false
                    [12345678901234567890]                | 1, 1, false, true, false
                    [-1234567890123456789]                | 1, 1, false, true, false
                    [1.5]                                 | 1, 1, false, true, false
                    {"a":1e9}                             | 1, 1, false, true, false
                    ["1.5","1e9"]                         | 1, 2, false, false, false
                    ["a\\"b[",[]]                         | 2, 3, false, false, false
                    ["a                                   | 1, 1, false, false, true
                    ["a\\"                                | 1, 1, false, false, true
                    ["a\\                                 | 1, 1, false, false, true
                    1                                     | 0, 0, false, false, false""")
    void itSaysWhatIsThere(String json, String shape) {
        JsonShape found = JsonShape.of(json.getBytes(StandardCharsets.UTF_8));
        assertThat(Stream.of(found.depth(), found.values(), found.hasNull(), found.hasOddNumber(), found.isCut())
                        .map(String::valueOf)
                        .collect(Collectors.joining(", ")))
                .isEqualTo(shape);
    }

    @ParameterizedTest
    @CsvSource({"16", "64", "100000"})
    void depthIsCountedHoweverDeep(int levels) {
        byte[] json = ("[".repeat(levels) + "]".repeat(levels)).getBytes(StandardCharsets.UTF_8);
        assertThat(JsonShape.of(json).depth()).isEqualTo(levels);
    }
}
