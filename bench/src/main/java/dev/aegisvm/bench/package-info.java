/** Measurements of starts, execs and memory on real VMs. */
@NullMarked
package dev.aegisvm.bench;

import org.jspecify.annotations.NullMarked;
