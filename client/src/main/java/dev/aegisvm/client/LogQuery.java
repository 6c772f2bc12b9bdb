package dev.aegisvm.client;

import org.jspecify.annotations.Nullable;

/**
 * Which log entries are wanted.
 *
 * @param follow go on with new entries until the connection ends
 * @param tail only the last so many of those that there are, 0 or more
 * @param since only those after this instant (RFC 3339) or of this last while ({@code 10m})
 * @param execId only those of one exec
 */
public record LogQuery(
        boolean follow,
        @Nullable Integer tail,
        @Nullable String since,
        @Nullable String execId) {
    /** All entries that there are. */
    public static LogQuery all() {
        return new LogQuery(false, null, null, null);
    }

    /** The query of the URL with its question mark, or nothing. */
    String query() {
        StringBuilder query = new StringBuilder(32);
        append(query, "follow", follow ? "true" : null);
        append(query, "tail", tail == null ? null : tail.toString());
        append(query, "since", since);
        append(query, "exec_id", execId);
        return query.toString();
    }

    private static void append(StringBuilder query, String key, @Nullable String value) {
        if (value != null) {
            query.append(query.isEmpty() ? '?' : '&').append(key).append('=').append(UrlText.encode(value));
        }
    }
}
