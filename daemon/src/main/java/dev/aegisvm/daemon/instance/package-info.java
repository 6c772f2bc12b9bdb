/** What an instance is, what can happen to it, and the one door through which it changes. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.instance;
