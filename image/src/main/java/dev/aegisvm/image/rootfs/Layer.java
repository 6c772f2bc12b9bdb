package dev.aegisvm.image.rootfs;

import java.util.Optional;

/**
 * A layer of an image, on this host.
 *
 * @param digest of the blob, to be checked while it is read; empty where that was done, or nothing is known
 * @param diffId the digest of the uncompressed bytes; empty when unknown
 */
public record Layer(Blob blob, Optional<Digest> digest, Optional<Digest> diffId) {}
