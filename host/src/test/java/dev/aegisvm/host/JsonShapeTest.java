package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;

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
        assertThat(Stream.of(found.depth(), found.values(), found.hasNull(), found.hasOddNumber(), found.isMalformed())
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

    private static boolean isMalformed(String json) {
        return JsonShape.of(json.getBytes(StandardCharsets.UTF_8)).isMalformed();
    }

    /** The parser skips all up to the next comma or bracket where it expects a number: quotes, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'x':1','y':[null]}'",
                "{'x':1 ','y':[null]}'",
                "{'x':-1e5','y':2}",
                "{'x':true','y':2}",
                "{'x':x[1]}",
                "{'x':1{}}",
                "{'x':1:2}",
                "{'x'y':1}",
                "{'x' 'y'}",
                "{'x'[]}",
                "{:1}",
                "[1',[[[['",
                "[][]",
                "{}'a'",
                "1'",
                "\u00a0[]",
                "{'x':1\u2003}",
                "\f[]",
                "{'x':1]}",
                "[1}",
                "[{'x':1]},null]",
                "}",
                "[]]",
                "{}}"
            })
    void whereStringsAndBracketsMayNotBe(String json) {
        assertThat(isMalformed(json.replace('\'', '"'))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \t\r\n{ \t\r\n'x' \t\r\n: \t\r\n[ \t\r\n] \t\r\n, \t\r\n'y':{ \t\r\n} \t\r\n} \t\r\n",
                "[ 'a' ,\t'b'\r\n, [ [ ] , { } ] , { 'x' : { } } ]",
                "[0,-0,-1e5,1E+5,1.5e-3,true,false,null,'',[],{}]",
                "{'a':-1e5,'b':true,'c':false,'d':null,'e':'','f':[],'g':{}}",
                "['\\\"','\\\\','\\/','\\b\\f\\n\\r\\t','\\u0022','\\\\\\\"','[{:,}]']",
                "{'\\\"[':'\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff','\ud800\udc00':'\udbff\udfff'}",
                "'x'",
                " -1e5 ",
                "null"
            })
    void legalJsonIsWellFormed(String json) {
        assertThat(isMalformed(json.replace('\'', '"'))).isFalse();
    }

    @Test
    void onlyUtf8IsWellFormed() throws Exception {
        byte[] json = "[\"1234a\"]".getBytes(StandardCharsets.US_ASCII);
        byte[] edges = HexFormat.of().parseHex("007f808f909fa0bfc0c2eff4ff");
        for (int lead = 0x80; lead <= 0xff; lead++) {
            json[2] = (byte) lead;
            for (int more = 0; more < edges.length * edges.length * edges.length; more++) {
                json[3] = edges[more % edges.length];
                json[4] = edges[more / edges.length % edges.length];
                json[5] = edges[more / edges.length / edges.length];
                assertThat(JsonShape.of(json).isMalformed())
                        .as(() -> HexFormat.of().formatHex(json))
                        .isNotEqualTo(isUtf8(json));
            }
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            var _ = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    /** The parser takes the bytes that a first byte promises for the rest of the character, even a quote. */
    @ParameterizedTest
    @ValueSource(strings = {"c3", "e2", "e282", "f0", "f09f98", "80", "ff", "5cc3"})
    void aQuoteIsNoPartOfACharacter(String character) {
        String json = "{\"x\":\"" + new String(HexFormat.of().parseHex(character), StandardCharsets.ISO_8859_1)
                + "\",\",\",\":[[[[\"}";
        assertThat(JsonShape.of(json.getBytes(StandardCharsets.ISO_8859_1)).isMalformed())
                .isTrue();
    }
}
