/** Images in files: OCI layouts in a directory, and archives of `docker save` or of a layout. */
@NullMarked
package dev.aegisvm.image.layout;

import org.jspecify.annotations.NullMarked;
