package dev.aegisvm.mcp;

/** What a tool does to the world, for a client that asks a person before it calls one. */
enum Effect {
    /** Nothing changes. */
    READS,
    /** Something is added or changed, and could be changed back. */
    CHANGES,
    /** Something may be lost. */
    DESTROYS
}
