/** What every backend must do, as tests that each of them runs. */
@NullMarked
package dev.aegisvm.vmm.contract;

import org.jspecify.annotations.NullMarked;
