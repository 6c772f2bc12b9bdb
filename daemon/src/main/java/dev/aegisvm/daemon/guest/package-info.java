/** The daemon's conversation with the harness inside one VM. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.daemon.guest;
