/** All that knows the operating system: processes, native calls, the terminal, directories. A port begins and ends here. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.host;
