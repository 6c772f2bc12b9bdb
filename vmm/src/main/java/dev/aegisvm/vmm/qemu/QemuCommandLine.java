package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmSpec.Share;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.start.Accelerator;
import dev.aegisvm.vmm.start.Machines.Launch;

/**
 * QEMU's arguments for one VM, as a pure function of its parts. A template and the VMs restored from it have the same
 * machine, processor, memory size and list of devices; only the files behind the devices differ.
 *
 * @param disk the files of the instance's own disk, the oldest first
 */
record QemuCommandLine(Launch launch, List<Path> disk, Start start) {

    /** Where the machine and its memory come from. */
    sealed interface Start {
        /** Boot the kernel with anonymous memory. */
        record Boot() implements Start {}

        /** Boot the kernel with the memory in a file ({@link #memoryToSave}), so that it can be saved. */
        record BootToSave() implements Start {}

        /**
         * Load a saved machine and run. Its memory is mapped privately, from an offset of a file on, and never written.
         *
         * @param machine the file with the devices, which may be that with the memory
         */
        record Load(Path memory, long offset, Path machine) implements Start {
            /** Whether the memory is in the file with the devices. */
            boolean isOneFile() {
                return memory.equals(machine);
            }
        }
    }

    /** Beside the guest's memory: QEMU's own, with the code that emulation has translated. */
    private static final long MORE_MB = 512;

    /** A QEMU with nothing, and with its own filter of system calls. */
    static final List<String> BARE = List.of((QemuBinary.NAME
                    + " -nodefaults -no-user-config -no-reboot -display none -serial none -monitor none -parallel none"
                    + " -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
            .split(" "));

    static final String CHANNEL_SOCKET = "channel.sock";
    static final String CONSOLE_SOCKET = "console.sock";
    static final String QMP_SOCKET = "qmp.sock";

    /** What Linux calls them, in this order of the command line. */
    static final GuestDevices DEVICES = new GuestDevices("vda", "vdb", "share");

    /** The file that the instance's own disk has from the start. */
    static final String DISK_NODE = "disk-node";

    /** By it QEMU finds out what file locks the host has. */
    static final Path NULL_DEVICE = Path.of("/dev/null");

    private static final Path KVM_DEVICE = Path.of("/dev/kvm");

    private static final int RECONNECT_MS = 5;

    /** A full disk of the host is an input/output error to the guest. By default QEMU would halt it without a word. */
    private static final String ON_ERROR = ",werror=report,rerror=report";

    private static final String FIRMWARE = "/usr/share/qemu/qboot.rom";

    /**
     * The guest kernel's command line. The console is for panics only; watchdogs are off because a paused guest would
     * be reported as stalled; a panic ends the VM instead of rebooting it.
     */
    private String kernelArguments(Processor processor) {
        Accelerator accelerator = launch.accelerator();
        String common = "console=hvc0 quiet loglevel=2 panic=-1 reboot=t nowatchdog rcupdate.rcu_cpu_stall_suppress=1"
                + " net.ifnames=0 random.trust_cpu=on cgroup_no_v1=all";
        if (!accelerator.emulated()) {
            return common;
        }
        // Emulated code has no side channels worth the cost of closing them, and every check and every count is slow
        // there.
        String emulated =
                common + " mitigations=off init_on_alloc=0 psi=0 cgroup.memory=nokmem audit=0 numa_balancing=disable";
        String clock = accelerator.tscKhz() > 0 ? " tsc_early_khz=" + accelerator.tscKhz() : "";
        return emulated + (processor == Processor.X86_64 ? " tsc=reliable" + clock : "");
    }

    /** The value of {@code -accel}. The translation cache counts as a VM's own memory, so it is capped. */
    static String option(Accelerator accelerator) {
        return accelerator.emulated() ? "tcg,thread=multi,tb-size=64" : "kvm";
    }

    /**
     * The value of {@code -cpu}. Emulated string instructions copy byte by byte, so guests are not told of fast ones;
     * pointers are signed in QEMU's own way, which is faster.
     */
    static String cpu(Accelerator accelerator, Processor processor) {
        String emulatedCpu = processor == Processor.X86_64 ? "max,erms=off,fsrm=off" : "max,pauth-impdef=on";
        return accelerator.emulated() ? emulatedCpu : "host";
    }

    /** The machine is the one with the fewest devices. That of x86 needs a firmware that knows it. */
    List<String> arguments(Processor processor) {
        VmSpec spec = launch.spec();
        GuestImage image = launch.image();
        List<String> args = new ArrayList<>(BARE);
        add(args, "-M", machine(processor));
        add(args, "-accel", option(launch.accelerator()), "-cpu", cpu(launch.accelerator(), processor));
        add(args, "-m", memoryMb() + "M", "-smp", Integer.toString(spec.shape().vcpus()));
        add(args, "-object", memory());
        if (processor == Processor.X86_64) {
            add(args, "-bios", FIRMWARE);
        }
        add(
                args,
                "-kernel",
                image.kernel().toString(),
                "-initrd",
                image.initramfs().toString());
        add(args, "-append", kernelArguments(processor));
        block(args, "root", BlockNode.image("root-node", image.root()));
        block(args, "disk", BlockNode.disk(DISK_NODE, disk, spec.diskBytes()));
        channel(args);
        network(args);
        share(args);
        control(args);
        return args;
    }

    /**
     * A kernel with ACPI leaves the old interrupt controller as it finds it, and a stray tick of the old timer then
     * looks like a division by zero. Told the rate of its clock, an emulated guest needs neither.
     */
    private String machine(Processor processor) {
        return switch (processor) {
            case X86_64 ->
                "microvm,acpi=on,rtc=off,isa-serial=off,memory-backend=mem"
                        + (launch.accelerator().emulated() ? ",pic=off,pit=off" : "");
            case AARCH64 -> "virt,gic-version=max,memory-backend=mem";
        };
    }

    private String memory() {
        String size = "id=mem,size=" + memoryMb() + "M";
        return switch (start) {
            case Start.Boot() -> "memory-backend-ram," + size;
            case Start.BootToSave() -> "memory-backend-file," + size + ",share=on,mem-path=" + escape(memoryToSave());
            case Start.Load(Path memory, long offset, Path _) ->
                "memory-backend-file," + size + ",share=off,readonly=on,rom=off,offset=" + offset + ",mem-path="
                        + escape(memory);
        };
    }

    private static void block(List<String> args, String device, BlockNode node) {
        add(args, "-blockdev", node.json());
        add(args, "-device", "virtio-blk-device,id=" + device + ",drive=" + node.nodeName() + ON_ERROR);
    }

    private void channel(List<String> args) {
        socketChardev(args, "console", CONSOLE_SOCKET);
        socketChardev(args, "channel", CHANNEL_SOCKET);
        add(args, "-device", "virtio-serial-device,max_ports=2");
        add(args, "-device", "virtconsole,chardev=console,nr=0");
        add(args, "-device", "virtserialport,chardev=channel,nr=1,name=aegis.channel");
    }

    /** QEMU connects to sockets that the daemon listens on, so the daemon need not look whether it is there. */
    private void socketChardev(List<String> args, String id, String socket) {
        add(args, "-chardev", "socket,id=" + id + ",path=" + escape(run().resolve(socket)));
    }

    /**
     * Every machine has the device, since templates do; without a network it is connected to nothing. The network
     * comes up after QEMU, and may be replaced, so QEMU tries again while the socket is not there. After a restore
     * neither the guest nor QEMU announces the device: QEMU would do so with the address below, which the guest has
     * replaced, and the network would send answers there.
     */
    private void network(List<String> args) {
        String backend = "";
        if (launch.spec().network()) {
            String socket = escape(Passt.socket(run()));
            add(
                    args,
                    "-netdev",
                    "stream,id=net,server=off,reconnect-ms=" + RECONNECT_MS + ",addr.type=unix,addr.path=" + socket);
            backend = "netdev=net,";
        }
        add(args, "-global", "migration.announce-rounds=0");
        add(args, "-device", "virtio-net-device," + backend + "guest_announce=off,mac=52:54:00:ae:61:50");
    }

    /**
     * Every machine has the device, since templates do. Symbolic links, modes and names are the host's own
     * ({@code security_model=none}), so both sides see the same files; QEMU follows no link, and what its user may not do
     * fails. Of several directories each is a mount of the jail's, which says whether it can be written to.
     */
    private void share(List<String> args) {
        add(
                args,
                "-fsdev",
                "local,id=share,security_model=none,multidevs=remap,path=" + Cell.SHARED
                        + (shared().size() == 1 && shared().getFirst().readOnly() ? ",readonly=on" : ""));
        add(args, "-device", "virtio-9p-device,fsdev=share,mount_tag=" + DEVICES.shares());
    }

    private List<Share> shared() {
        List<Share> shares = launch.spec().shares();
        return shares.isEmpty() ? List.of(new Share(nothing(), true)) : shares;
    }

    /** The directory that is shared when none is, made before QEMU starts. */
    Path nothing() {
        return run().resolve("nothing");
    }

    Path memoryToSave() {
        return run().resolve("making.ram");
    }

    Path run() {
        return launch.spec().runDirectory();
    }

    private int memoryMb() {
        return launch.spec().shape().memoryMb();
    }

    private void control(List<String> args) {
        args.addAll(monitor(run()));
        if (start instanceof Start.Load) {
            add(args, "-incoming", "defer");
        }
        if (getsFiles()) {
            add(args, "-chardev", "socket,id=files,fd=" + Cell.SOCKET, "-mon", "chardev=files,mode=control");
        }
    }

    static List<String> monitor(Path runDirectory) {
        return List.of("-qmp", "unix:" + escape(runDirectory.resolve(QMP_SOCKET)));
    }

    /** Whether files may come later: where the machine is to be saved. */
    private boolean getsFiles() {
        return !(start instanceof Start.BootToSave);
    }

    /**
     * What QEMU finds in its jail. It can change nothing but the disk; a machine to be saved also its run directory.
     */
    Cell cell() throws IOException {
        GuestImage image = launch.image();
        List<Path> readOnly = new ArrayList<>(List.of(image.kernel(), image.initramfs(), image.root()));
        List<Path> readWrite = new ArrayList<>();
        if (start instanceof Start.Load(Path memory, long _, Path machine)) {
            readOnly.addAll(Stream.of(memory, machine).distinct().toList());
        }
        readOnly.addAll(disk.subList(0, disk.size() - 1));
        List<Cell.Shared> shared = new ArrayList<>();
        for (Share share : shared()) {
            shared.add(Cell.Shared.of(Share.name(shared.size()), share.directory(), share.readOnly()));
        }
        (start instanceof Start.BootToSave ? readWrite : readOnly).add(run());
        readWrite.add(disk.getLast());
        return new Cell(
                List.of(),
                readOnly,
                readWrite,
                launch.accelerator().emulated() ? List.of(NULL_DEVICE) : List.of(NULL_DEVICE, KVM_DEVICE),
                shared,
                memoryBytes(),
                fileBytes(),
                getsFiles() ? Cell.Input.FILES : Cell.Input.NOTHING);
    }

    private long memoryBytes() {
        return (memoryMb() + MORE_MB) << 20;
    }

    /**
     * Enough for the disk and for a machine that is saved. An overlay has tables beside the data, and gaps where the
     * guest gave blocks back. What a guest writes into a directory of the host has no limit.
     */
    private long fileBytes() {
        return shared().stream().allMatch(Share::readOnly)
                ? Math.max(2 * launch.spec().diskBytes(), memoryBytes())
                : Long.MAX_VALUE;
    }

    /** In QEMU's option syntax a comma ends a value; a doubled one is a comma. */
    private static String escape(Path path) {
        return path.toString().replace(",", ",,");
    }

    private static void add(List<String> args, String... more) {
        args.addAll(List.of(more));
    }
}
