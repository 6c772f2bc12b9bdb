#!/bin/bash
# plain-qemu.sh DIRECTORY MEGABYTES KERNEL [KHZ]: QEMU with the guest's kernel, the plain-init of the directory as its init, and a
# console. Saves a machine that waits in the file "saved" of the directory, unless that is there. Prints the words that start one that
# boots, each on a line. With KHZ, the rate of the guest's TSC, it is emulated; without, it has KVM.
set -eu
cd "$1"
echo plain-init | cpio --quiet -o -H newc >initrd
arguments="rdinit=/plain-init console=hvc0 quiet loglevel=2 panic=-1 reboot=t mitigations=off tsc=reliable"
if [ -n "${4:-}" ]; then
    arguments="$arguments tsc_early_khz=$4"
    machine="-accel tcg,thread=multi,tb-size=64 -cpu max,erms=off,fsrm=off -M microvm,acpi=on,rtc=off,pic=off,pit=off"
else
    machine="-accel kvm -cpu host -M microvm,acpi=on,rtc=off"
fi
machine="$machine -nodefaults -no-user-config -no-reboot -display none -serial none -bios /usr/share/qemu/qboot.rom"
console="-chardev stdio,id=console -device virtio-serial-device -device virtconsole,chardev=console"
read -ra words <<<"qemu-system-x86_64 $machine $console -m $2M"
words+=(-initrd "$PWD/initrd" -kernel "$3" -append "$arguments")

if [ ! -e saved ]; then
    mkfifo monitor.in monitor.out
    coproc "${words[@]}" -monitor pipe:monitor
    qemu=$COPROC_PID
    # Its guest says "up".
    read -r _ <&"${COPROC[0]}"
    printf 'migrate file:%s\nquit\n' "$PWD/saved" >monitor.in
    wait "$qemu"
fi
printf '%s\n' "${words[@]}"
