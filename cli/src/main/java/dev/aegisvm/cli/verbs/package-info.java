/** What each verb does. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.cli.verbs;
