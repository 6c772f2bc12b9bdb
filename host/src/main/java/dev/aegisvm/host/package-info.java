/** All that knows the operating system: processes, native calls, the terminal, directories. A port begins and ends here. */
@NullMarked
package dev.aegisvm.host;

import org.jspecify.annotations.NullMarked;
