@NullMarked
package dev.aegisvm.daemon.idle;

import org.jspecify.annotations.NullMarked;
