/** What each verb does. */
@NullMarked
package dev.aegisvm.cli.verbs;

import org.jspecify.annotations.NullMarked;
