/** Measurements of starts, execs and memory on real VMs. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.bench;
