/** What an instance is, what can happen to it, and the one door through which it changes. */
@NullMarked
package dev.aegisvm.daemon.instance;

import org.jspecify.annotations.NullMarked;
