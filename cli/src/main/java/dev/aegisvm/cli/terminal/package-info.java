/** The terminal: what is written there, how we end, what a person who waits is told. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.cli.terminal;
