/** From what a client asks for to what an instance is. */
@NullMarked
package dev.aegisvm.daemon.create;

import org.jspecify.annotations.NullMarked;
