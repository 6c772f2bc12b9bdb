package dev.aegisvm.bench;

/** The least that a Java program can do: print a word. */
final class Hello {
    private Hello() {}

    public static void main(String[] words) {
        System.out.println("hello");
    }
}
