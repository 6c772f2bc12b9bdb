/** Scenarios that drive the built programs on real VMs, and tests of how the code is laid out. */
@NullMarked
package dev.aegisvm.e2e;

import org.jspecify.annotations.NullMarked;
