package dev.aegisvm.image.child;

import module java.base;

/**
 * A line between the daemon and the child: words with a space between them. What a word must not contain is
 * percent-encoded.
 */
record Line(List<String> words) {
    static Line of(Object... words) {
        return new Line(Stream.of(words).map(String::valueOf).toList());
    }

    static Line parse(String text) {
        return new Line(Stream.of(text.split(" ", -1))
                .map(word -> URLDecoder.decode(word, StandardCharsets.UTF_8))
                .toList());
    }

    String kind() {
        return words.getFirst();
    }

    /** The word of a number; the kind has number 0. */
    String word(int number) {
        return number < words.size() ? words.get(number) : "";
    }

    /** Throws a NumberFormatException if the word is none. */
    long number(int number) {
        return Long.parseLong(word(number));
    }

    @Override
    public String toString() {
        return words.stream()
                .map(word -> URLEncoder.encode(word, StandardCharsets.UTF_8))
                .collect(Collectors.joining(" "));
    }
}
