/** The documents of the OCI image specification (and Docker's older twins of them), as far as they are used here. */
@NullMarked
package dev.aegisvm.image.oci;

import org.jspecify.annotations.NullMarked;
