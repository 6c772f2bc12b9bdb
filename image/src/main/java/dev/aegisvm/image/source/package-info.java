/** Where images come from: registries, OCI layouts and archives, and the documents that describe images there. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.image.source;
