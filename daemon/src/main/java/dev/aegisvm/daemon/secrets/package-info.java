/** Secrets: encrypted under the master key, decrypted for a boot, and never handed out. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.secrets;
