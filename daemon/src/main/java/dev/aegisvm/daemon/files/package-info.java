/** Trees of a guest's files as tar streams; the guest itself knows nothing of tar. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.files;
