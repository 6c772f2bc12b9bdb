/** The command line: the tree of verbs, what each takes, help and completion. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.cli.line;
