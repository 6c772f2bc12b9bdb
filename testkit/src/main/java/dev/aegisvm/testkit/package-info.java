/** What tests and measurements of several rooms share: programs of the host, and images and registries made by them. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.testkit;
