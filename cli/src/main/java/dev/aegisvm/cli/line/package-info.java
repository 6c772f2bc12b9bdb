/** The command line: the tree of verbs, what each takes, help and completion. */
@NullMarked
package dev.aegisvm.cli.line;

import org.jspecify.annotations.NullMarked;
