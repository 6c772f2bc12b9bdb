package dev.aegisvm.e2e;

import module java.base;
import org.junit.jupiter.api.Tag;

/** Scenarios on VMs that {@link OuterVmTest} leaves out. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag(NotInOuterVm.TAG)
@interface NotInOuterVm {
    String TAG = "not-in-outer-vm";

    /** Why. */
    String value();
}
