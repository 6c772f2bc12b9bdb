/** Trees of a guest's files as tar streams; the guest itself knows nothing of tar. */
@NullMarked
package dev.aegisvm.daemon.files;

import org.jspecify.annotations.NullMarked;
