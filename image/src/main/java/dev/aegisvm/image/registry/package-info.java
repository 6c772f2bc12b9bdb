/** Images in a registry: the protocol, who we are to it, and downloads that go on where they broke off. */
@NullMarked
package dev.aegisvm.image.registry;

import org.jspecify.annotations.NullMarked;
