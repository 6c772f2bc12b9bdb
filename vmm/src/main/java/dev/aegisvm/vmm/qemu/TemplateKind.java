package dev.aegisvm.vmm.qemu;

import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.VmShape;

/**
 * What a template is of. The bare machine of a kind fits any root file system, the mounted one only its own.
 *
 * @param image what the guest boots, its root file system included
 */
record TemplateKind(VmShape shape, GuestImage image) {}
