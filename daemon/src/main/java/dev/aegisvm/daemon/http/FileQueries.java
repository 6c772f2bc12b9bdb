package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.GuestPath;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The parameters of requests about files. */
final class FileQueries {
    private static final int MODES = 07777;

    private FileQueries() {}

    static GuestPath path(Exchange exchange) {
        return path(exchange, "path");
    }

    static GuestPath path(Exchange exchange, String key) {
        return exchange.query(key)
                .map(GuestPath::new)
                .orElseThrow(() -> new ApiException(
                        ErrorCode.BAD_REQUEST, "the parameter '" + key + "' is missing", "add ?" + key + "=/a/path"));
    }

    /** The user of the guest who does it; root when absent. */
    static Optional<String> user(Exchange exchange) {
        return exchange.query("user");
    }

    static OptionalInt mode(Exchange exchange) {
        Optional<String> given = exchange.query("mode");
        if (given.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int mode = Integer.parseInt(given.get(), 8);
            if (mode >= 0 && mode <= MODES) {
                return OptionalInt.of(mode);
            }
        } catch (NumberFormatException noNumber) {
            throw wrongMode(given.get());
        }
        throw wrongMode(given.get());
    }

    private static ApiException wrongMode(String given) {
        return new ApiException(
                ErrorCode.BAD_REQUEST, "mode is octal, 0 to 7777, not '" + given + "'", "write mode=644");
    }

    /** A number of bytes. */
    static OptionalLong bytes(Exchange exchange, String key) {
        Optional<String> given = exchange.query(key);
        if (given.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long bytes = Long.parseLong(given.get());
            if (bytes >= 0) {
                return OptionalLong.of(bytes);
            }
        } catch (NumberFormatException noNumber) {
            throw wrongNumber(key, given.get());
        }
        throw wrongNumber(key, given.get());
    }

    private static ApiException wrongNumber(String key, String given) {
        return new ApiException(ErrorCode.BAD_REQUEST, key + " is a number of bytes, 0 or more, not '" + given + "'");
    }
}
