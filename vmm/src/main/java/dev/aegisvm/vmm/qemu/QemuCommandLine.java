package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.start.Accelerator;

/**
 * QEMU's arguments for one VM, as a pure function of its parts. A template and the VMs restored from it have the same
 * machine, processor, memory size and list of devices; only the files behind the devices differ.
 *
 * @param disk the files of the instance's own disk, the oldest first
 * @param diskBytes how much of it the guest can reach
 * @param network the socket of the guest's network; empty for a machine whose network device leads nowhere
 * @param shares what the guest can mount; when there is none, an empty directory that cannot be written to
 */
record QemuCommandLine(
        GuestImage image,
        VmShape shape,
        Accelerator accelerator,
        List<Path> disk,
        long diskBytes,
        Path runDirectory,
        Optional<Path> network,
        List<Share> shares,
        Start start) {

    /** The files of a saved machine, or where one is to be saved. */
    sealed interface Start {
        /** Boot the kernel with anonymous memory. */
        record Boot() implements Start {}

        /** Boot the kernel with memory in a file, so that it can be saved; controlled by a QMP socket. */
        record BootToSave(Path memory) implements Start {}

        /**
         * Load a saved machine and run; its memory file is mapped privately and never written. The QMP socket tells when
         * it runs.
         */
        record Restore(Path memory, Path state) implements Start {}

        /** The same with a machine that was saved to one file while it ran, its memory from an offset on. */
        record Resume(Path saved, long offset) implements Start {}
    }

    private static final long MEBIBYTE = 1 << 20;
    /** Beside the guest's memory: QEMU's own, with the code that emulation has translated. */
    private static final long MORE_MB = 512;

    static final String CHANNEL_SOCKET = "channel.sock";
    static final String CONSOLE_SOCKET = "console.sock";
    static final String QMP_SOCKET = "qmp.sock";

    /** What Linux calls them, in this order of the command line. */
    static final GuestDevices DEVICES = new GuestDevices("vda", "vdb", "share");

    /** The file that the instance's own disk has from the start. */
    static final String DISK_NODE = "disk-node";

    /** By it QEMU finds out what file locks the host has. */
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private static final Path KVM_DEVICE = Path.of("/dev/kvm");

    private static final int RECONNECT_MS = 5;

    /** A host whose disk is full is an input/output error to the guest. By default QEMU would halt it, and nobody would know. */
    private static final String ON_ERROR = ",werror=report,rerror=report";

    private static final String FIRMWARE = "/usr/share/qemu/qboot.rom";

    /**
     * The guest kernel's command line. The console is for panics only; watchdogs are off because a paused guest would be
     * reported as stalled; a panic ends the VM instead of rebooting it.
     */
    private String kernelArguments(Processor processor) {
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
     * The value of {@code -cpu}. Emulated string instructions copy byte by byte, so guests are not told of fast ones; pointers
     * are signed in QEMU's own way, which is faster.
     */
    static String cpu(Accelerator accelerator, Processor processor) {
        String emulatedCpu = processor == Processor.X86_64 ? "max,erms=off,fsrm=off" : "max,pauth-impdef=on";
        return accelerator.emulated() ? emulatedCpu : "host";
    }

    List<String> arguments() {
        return arguments(Processor.ours());
    }

    /** The machine is the one with the fewest devices. That of x86 needs a firmware that knows it. */
    List<String> arguments(Processor processor) {
        List<String> args = new ArrayList<>();
        args.add(QemuBinary.NAME);
        add(args, "-nodefaults", "-no-user-config", "-no-reboot");
        add(args, "-display", "none", "-serial", "none", "-monitor", "none", "-parallel", "none");
        add(args, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
        add(args, "-M", machine(processor));
        add(args, "-accel", option(accelerator), "-cpu", cpu(accelerator, processor));
        add(args, "-m", shape.memoryMb() + "M", "-smp", Integer.toString(shape.vcpus()));
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
        block(args, "disk", BlockNode.disk(DISK_NODE, disk, diskBytes));
        channel(args);
        network(args);
        share(args);
        control(args);
        return args;
    }

    /**
     * A kernel with ACPI leaves the old interrupt controller as it finds it, and a stray tick of the old timer then looks
     * like a division by zero. Told the rate of its clock, an emulated guest needs neither.
     */
    private String machine(Processor processor) {
        return switch (processor) {
            case X86_64 ->
                "microvm,acpi=on,rtc=off,isa-serial=off,memory-backend=mem"
                        + (accelerator.emulated() ? ",pic=off,pit=off" : "");
            case AARCH64 -> "virt,gic-version=max,memory-backend=mem";
        };
    }

    private String memory() {
        String size = "id=mem,size=" + shape.memoryMb() + "M";
        return switch (start) {
            case Start.Boot() -> "memory-backend-ram," + size;
            case Start.BootToSave(Path memory) ->
                "memory-backend-file," + size + ",share=on,mem-path=" + escape(memory);
            case Start.Restore(Path memory, Path state) ->
                "memory-backend-file," + size + ",share=off,readonly=on,rom=off,mem-path=" + escape(memory);
            case Start.Resume(Path saved, long offset) ->
                "memory-backend-file," + size + ",share=off,readonly=on,rom=off,offset=" + offset + ",mem-path="
                        + escape(saved);
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

    /** QEMU connects to sockets that the daemon listens on: the daemon is rung and need not look whether it is there. */
    private void socketChardev(List<String> args, String id, String socket) {
        add(args, "-chardev", "socket,id=" + id + ",path=" + escape(runDirectory.resolve(socket)));
    }

    /**
     * Every machine has the device, since templates do; without a network it has nobody to talk to, and frames go nowhere.
     * The network comes up after QEMU, and may be replaced, so QEMU tries again while the socket is not there. Frames by which a
     * guest announces itself after a restore have nobody to reach.
     */
    private void network(List<String> args) {
        network.ifPresent(socket -> add(
                args,
                "-netdev",
                "stream,id=net,server=off,reconnect-ms=" + RECONNECT_MS + ",addr.type=unix,addr.path="
                        + escape(socket)));
        String backend = network.isPresent() ? "netdev=net," : "";
        add(args, "-device", "virtio-net-device," + backend + "guest_announce=off,mac=52:54:00:ae:61:50");
    }

    /**
     * Every machine has the device, since templates do. Symbolic links, modes and names are the host's own
     * ({@code security_model=none}), so that both sides see the same files; QEMU follows no link, and what its user may not do
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
        return shares.isEmpty() ? List.of(new Share(nothing(), true)) : shares;
    }

    /** The directory that is shared when none is, made before QEMU starts. */
    Path nothing() {
        return runDirectory.resolve("nothing");
    }

    private void control(List<String> args) {
        add(args, "-qmp", "unix:" + escape(runDirectory.resolve(QMP_SOCKET)));
        if (start instanceof Start.Restore || start instanceof Start.Resume) {
            add(args, "-incoming", "defer");
        }
        if (getsFiles()) {
            add(args, "-chardev", "socket,id=files,fd=" + Cell.SOCKET, "-mon", "chardev=files,mode=control");
        }
    }

    /** Whether files may come later: where the machine is to be saved. */
    private boolean getsFiles() {
        return !(start instanceof Start.BootToSave);
    }

    /**
     * What QEMU finds in its jail. It can change nothing but the disk; a machine to be saved also its run directory.
     */
    Cell cell() throws IOException {
        List<Path> readOnly = new ArrayList<>(List.of(image.kernel(), image.initramfs(), image.root()));
        List<Path> readWrite = new ArrayList<>();
        if (start instanceof Start.Restore(Path memory, Path state)) {
            readOnly.addAll(List.of(memory, state));
        } else if (start instanceof Start.Resume(Path saved, long _)) {
            readOnly.add(saved);
        }
        readOnly.addAll(disk.subList(0, disk.size() - 1));
        List<Cell.Shared> shared = new ArrayList<>();
        for (Share share : shared()) {
            shared.add(Cell.Shared.of(Share.name(shared.size()), share.directory(), share.readOnly()));
        }
        (start instanceof Start.BootToSave ? readWrite : readOnly).add(runDirectory);
        readWrite.add(disk.getLast());
        return new Cell(
                List.of(),
                readOnly,
                readWrite,
                accelerator.emulated() ? List.of(NULL_DEVICE) : List.of(NULL_DEVICE, KVM_DEVICE),
                shared,
                memoryBytes(),
                fileBytes(),
                getsFiles() ? Cell.Input.FILES : Cell.Input.NOTHING);
    }

    private long memoryBytes() {
        return (shape.memoryMb() + MORE_MB) * MEBIBYTE;
    }

    /**
     * Enough for the disk and for a machine that is saved. An overlay has tables beside the data, and gaps where the guest gave
     * blocks back. What a guest writes into a directory of the host has no limit.
     */
    private long fileBytes() {
        return shared().stream().allMatch(Share::readOnly) ? Math.max(2 * diskBytes, memoryBytes()) : Long.MAX_VALUE;
    }

    /** In QEMU's option syntax a comma ends a value; a doubled one is a comma. */
    private static String escape(Path path) {
        return path.toString().replace(",", ",,");
    }

    private static void add(List<String> args, String... more) {
        args.addAll(List.of(more));
    }
}
