/** Secrets: encrypted under the master key, decrypted for a boot, and never handed out. */
@NullMarked
package dev.aegisvm.daemon.secrets;

import org.jspecify.annotations.NullMarked;
