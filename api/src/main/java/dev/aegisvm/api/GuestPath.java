package dev.aegisvm.api;

import java.nio.charset.StandardCharsets;

/**
 * A path of a guest: absolute, at most {@value #LONGEST} bytes (Linux's PATH_MAX without the NUL). Where it leads,
 * {@code ..} and symlinks included, is for the guest to say.
 */
public record GuestPath(String value) {
    private static final int LONGEST = 4095;

    /** @throws ApiException 400, for what cannot be such a path */
    public GuestPath {
        if (!value.startsWith("/")) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a guest path must begin with '/', not '" + value + "'", "try '/" + value + "'");
        }
        if (value.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("a path must not contain a NUL character");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a path must be at most " + LONGEST + " bytes", "copy a subdirectory of it instead");
        }
    }

    /** The path of something in this directory; {@code name} may have several components. */
    public GuestPath resolve(String name) {
        return new GuestPath(value.endsWith("/") ? value + name : value + "/" + name);
    }

    /** The last component; {@code .} for the root directory, and where the path ends in {@code .} or {@code ..}. */
    public String name() {
        String trimmed = value.replaceFirst("/+$", "");
        String last = trimmed.substring(trimmed.lastIndexOf('/') + 1);
        return last.isEmpty() || last.equals("..") ? "." : last;
    }

    public GuestPath parent() {
        String trimmed = value.replaceFirst("/+$", "");
        return new GuestPath(trimmed.substring(0, Math.max(0, trimmed.lastIndexOf('/'))) + "/");
    }

    @Override
    public String toString() {
        return value;
    }
}
