/** The aegis command, one class for each verb. */
@NullMarked
package dev.aegisvm.cli;

import org.jspecify.annotations.NullMarked;
