package dev.aegisvm.mcp;

import java.io.IOException;

/** Something that a model can ask for. Called by several threads at once. */
interface Tool {
    /** What a model is told of it. */
    Description description();

    /**
     * Does it; may block.
     *
     * @return the answer, a JSON text or plain text
     * @throws dev.aegisvm.api.ApiException when it is refused
     * @throws IOException when the daemon cannot be reached, started or understood
     */
    String call(Call call) throws IOException;
}
