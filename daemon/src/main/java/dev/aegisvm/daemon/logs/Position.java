package dev.aegisvm.daemon.logs;

/**
 * A place between two entries of a log.
 *
 * @param segment number of the file, counting up over rotations
 * @param offset bytes from the file's beginning
 * @param sequence entries before this place, since the oldest that was there when the log was opened
 */
record Position(long segment, long offset, long sequence) {
    /** The place after an entry of so many bytes. */
    Position after(int bytes) {
        return new Position(segment, offset + bytes, sequence + 1);
    }

    /** The beginning of the next file. */
    Position nextSegment() {
        return new Position(segment + 1, 0, sequence);
    }
}
