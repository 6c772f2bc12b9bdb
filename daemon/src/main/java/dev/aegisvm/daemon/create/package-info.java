/** From what a client asks for to what an instance is. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.create;
