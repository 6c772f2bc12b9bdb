/** The terminal: what is written there, how we end, what a person who waits is told. */
@NullMarked
package dev.aegisvm.cli.terminal;

import org.jspecify.annotations.NullMarked;
