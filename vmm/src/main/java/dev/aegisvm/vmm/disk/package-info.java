/** The disks of a VM: sparse files of one fixed size that hold an ext4 of the instance's own. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.vmm.disk;
