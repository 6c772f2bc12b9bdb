package dev.aegisvm.bench;

import java.io.IOException;
import java.util.List;

/** Something that is measured on a running daemon. */
interface Measure {
    /** What is being done, for whoever waits. */
    String title();

    /**
     * Measures.
     *
     * @param runs how many values are wanted, after a warm-up
     * @throws IOException when what was measured did not do what it should: then its time says nothing
     */
    List<Row> take(Sandbox sandbox, int runs) throws IOException;
}
