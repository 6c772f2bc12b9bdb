/** What tests and measurements of several rooms share: programs of the host, and images and registries made by them. */
@NullMarked
package dev.aegisvm.testkit;

import org.jspecify.annotations.NullMarked;
