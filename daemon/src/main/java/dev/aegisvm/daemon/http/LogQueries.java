package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.daemon.logs.LogQuery;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code follow}, {@code since}, {@code tail} and {@code exec_id} of a request for log entries or events. */
final class LogQueries {
    private LogQueries() {}

    static LogQuery of(Exchange exchange) {
        return new LogQuery(
                exchange.flag("follow"),
                exchange.query("since").map(LogQueries::since),
                exchange.query("tail").map(LogQueries::tail).orElse(OptionalInt.empty()),
                exchange.query("exec_id").filter(id -> id.length() <= 64).or(() -> none(exchange)));
    }

    private static Optional<String> none(Exchange exchange) {
        if (exchange.query("exec_id").isPresent()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "exec_id has 64 characters at most");
        }
        return Optional.empty();
    }

    /** A time, or how long ago it is. */
    private static Instant since(String text) {
        if (text.indexOf('T') < 0) {
            return Instant.now().minus(LooseDuration.parse("since", text));
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException mistake) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, "since is a time as in RFC 3339, or a duration such as 10m", mistake);
        }
    }

    private static OptionalInt tail(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= LogQuery.MOST_TAIL) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException mistake) {
            // Told below, with the same sentence.
        }
        throw new ApiException(ErrorCode.BAD_REQUEST, "tail is a number, 0.." + LogQuery.MOST_TAIL);
    }
}
