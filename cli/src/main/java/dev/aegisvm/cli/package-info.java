/** The command aegis: where it begins, and the tree of its verbs. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.cli;
