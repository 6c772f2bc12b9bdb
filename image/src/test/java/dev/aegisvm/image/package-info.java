/** Tests against a real registry and real tools. */
@NullMarked
package dev.aegisvm.image;

import org.jspecify.annotations.NullMarked;
