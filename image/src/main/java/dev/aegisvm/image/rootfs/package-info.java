/**
 * From blobs on disk to one EROFS file: layers are merged in memory by name, their contents go through one tar stream.
 * Nothing here knows of registries, of the cache or of a network.
 */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.image.rootfs;
