package dev.aegisvm.host;

import module java.base;
import java.security.cert.CertPathBuilderException;

/** Why a file operation or a connection failed, in words: Java's message is often only the path, or nothing. */
public final class HostError {
    private static final String TRUST = "if the authority is yours, add it to this host's (update-ca-certificates), or"
            + " set SSL_CERT_FILE to a PEM file that has it; then run aegis up --restart, since the daemon reads both when"
            + " it starts";

    private HostError() {}

    /** What failed and why, such as {@code /etc/shadow: permission denied}. */
    public static String text(Throwable failure) {
        String reason = reason(failure);
        if (!(failure instanceof FileSystemException about) || about.getFile() == null) {
            return reason;
        }
        String other = about.getOtherFile() == null ? "" : " -> " + about.getOtherFile();
        return about.getFile() + other + ": " + reason;
    }

    /** Why alone, for a sentence that names the thing. */
    public static String reason(Throwable failure) {
        return switch (failure) {
            case FileSystemException said when said.getReason() != null -> said.getReason();
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "it already exists";
            case DirectoryNotEmptyException _ -> "the directory is not empty";
            case NotDirectoryException _ -> "not a directory";
            case CharacterCodingException _ -> "not valid UTF-8";
            case ConnectException _ when failure.getMessage() == null -> "the connection was refused";
            case SSLException _
            when isUntrusted(failure) -> "its certificate is signed by an authority that this host does not trust";
            case UncheckedIOException wrapped -> reason(Objects.requireNonNull(wrapped.getCause()));
            default -> Objects.requireNonNullElseGet(failure.getMessage(), failure::toString);
        };
    }

    /** What to do about it, where it is known; else empty. */
    public static String remedy(Throwable failure) {
        return isUntrusted(failure) ? TRUST : "";
    }

    private static boolean isUntrusted(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(CertPathBuilderException.class::isInstance);
    }
}
