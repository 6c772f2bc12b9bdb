/** From layers to one EROFS file: layers are merged in memory by name, their contents go through one tar stream. */
@NullMarked
package dev.aegisvm.image.rootfs;

import org.jspecify.annotations.NullMarked;
