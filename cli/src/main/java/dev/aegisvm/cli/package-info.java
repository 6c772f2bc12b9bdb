/** The command aegis: where it begins, and the tree of its verbs. */
@NullMarked
package dev.aegisvm.cli;

import org.jspecify.annotations.NullMarked;
