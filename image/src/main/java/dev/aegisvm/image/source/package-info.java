/** Where images come from: registries, OCI layouts and archives, and the documents that describe images there. */
@NullMarked
package dev.aegisvm.image.source;

import org.jspecify.annotations.NullMarked;
