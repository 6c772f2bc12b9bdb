package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.start.Machines.Machine;

/** A VM in a QEMU process of its own. Its guest has one channel for its whole life. */
final class QemuVm implements Vm {
    /** For all of a save, beside a second for so much memory. The guest stands still for it. */
    private static final Duration SAVE_LIMIT = Duration.ofMinutes(1);

    private static final int MB_PER_SECOND = 32;

    private static final String OVERLAY = "overlay-";
    /** Sets of descriptors below this are the machine's. */
    private static final int FIRST_SET = 1000;

    private final QemuMachine qemu;
    private final VmSpec spec;
    private final Origin origin;
    private final DiskChain disk;
    private final Capabilities capabilities;
    private final AtomicBoolean channelTaken = new AtomicBoolean();
    private final CompletableFuture<VmExit> exit;
    /** What QEMU calls the files of the disk, the oldest first. */
    private final List<String> nodes = new ArrayList<>();
    /** Held by the thread that talks to the monitor. */
    private final ReentrantLock talking = new ReentrantLock();

    private int sets = FIRST_SET;

    QemuVm(QemuMachine qemu, VmSpec spec, Origin origin, Capabilities capabilities) {
        this.qemu = qemu;
        this.spec = spec;
        this.origin = origin;
        this.disk = new DiskChain(spec.disk());
        this.capabilities = capabilities;
        this.exit = qemu.exit().thenApply(ended -> {
            // A reader of the directory would find the files of the next VM.
            settle();
            qemu.hangUp();
            return ended;
        });
        mergeLater();
    }

    @Override
    public ProcessIdentity process() {
        return qemu.process();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public Optional<Network> network() {
        return spec.network() ? Optional.of(Passt.NETWORK) : Optional.empty();
    }

    @Override
    public ByteChannel channel(Duration limit) throws IOException {
        if (channelTaken.getAndSet(true)) {
            throw new IOException("the guest is connected already");
        }
        return qemu.channel();
    }

    @Override
    public void settle() {
        talking.lock();
        try {
            // No thread talks to the monitor now.
        } finally {
            talking.unlock();
        }
    }

    @Override
    public void save(Path directory, boolean memory) throws VmmException {
        SavedMachine saved = new SavedMachine(directory);
        int memoryMb = spec.shape().memoryMb();
        Duration limit = SAVE_LIMIT.plusSeconds(memoryMb / MB_PER_SECOND);
        try {
            if (!talking.tryLock(limit.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("its disk files are being merged; try again in a moment");
            }
            try {
                if (Files.exists(saved.disk().disk())) {
                    throw new IOException(directory + " contains a saved VM already");
                }
                qemu.within(limit, () -> write(saved, memory));
                if (memory) {
                    saved.seal((long) memoryMb << 20, QemuBinary.mapsSavedMemory(), qemu.madeBy());
                }
            } finally {
                talking.unlock();
            }
            mergeLater();
        } catch (IOException e) {
            throw VmmException.storage("save the VM to " + directory, e);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new VmmException("the VM was not saved: the daemon is shutting down", "");
        }
    }

    /** Not waited for. */
    private void mergeLater() {
        Thread.ofVirtual().name("merge").start(() -> {
            talking.lock();
            try {
                List<Path> files = disk.files();
                OptionalInt from = DiskChain.toMerge(files);
                if (from.isPresent()) {
                    merge(files, from.getAsInt());
                }
            } catch (IOException over) {
                // The VM has ended, or the host's disk is full: the chain stays as it is, which is right too.
            } finally {
                talking.unlock();
            }
        });
    }

    private void merge(List<Path> files, int from) throws IOException {
        name(files);
        if (nodes.size() != files.size()) {
            return; // A save failed half way and left an empty file, of which QEMU does not know.
        }
        List<String> between = nodes.subList(from, nodes.size() - 1);
        qemu.monitor().merge(nodes.getLast(), nodes.get(from - 1), between.reversed());
        // QEMU writes all that it holds back when the machine stops.
        standStill(() -> {});
        disk.merged(from);
        for (String each : between) {
            if (each.startsWith(OVERLAY)) {
                qemu.monitor().forgetFile(Integer.parseInt(each.substring(OVERLAY.length())));
            }
        }
        between.clear();
    }

    /** As {@link BlockNode#disk} has named those that the VM began with. */
    private void name(List<Path> files) {
        if (nodes.isEmpty()) {
            for (int i = 0; i < files.size() - 1; i++) {
                nodes.add(QemuCommandLine.DISK_NODE + "-" + i);
            }
            nodes.add(QemuCommandLine.DISK_NODE);
        }
    }

    private void write(SavedMachine saved, boolean memory) throws IOException {
        if (!memory) {
            write(saved, () -> {});
            return;
        }
        Path machine = Files.createFile(saved.machine());
        int set = ++sets;
        Path passed = qemu.addFile(set, Jailed.Access.WRITE, machine);
        try {
            write(saved, () -> qemu.monitor().save(passed.toString(), true));
        } finally {
            qemu.monitor().forgetFile(set);
        }
    }

    /** @param more what is done at that moment, too */
    private void write(SavedMachine saved, Machine.Step more) throws IOException {
        List<Path> fixed = disk.files();
        name(fixed);
        Path overlay = disk.extend(capabilities.layers(), spec.diskBytes());
        int set = ++sets;
        Path passed = qemu.addFile(set, Jailed.Access.READ_WRITE, overlay);
        standStill(() -> {
            cover(OVERLAY + set, passed);
            saved.disk().link(fixed);
            more.run();
        });
    }

    /** While nothing changes; whatever happens, the guest goes on. */
    private void standStill(Machine.Step step) throws IOException {
        qemu.monitor().stop();
        try {
            step.run();
        } finally {
            qemu.monitor().resume();
        }
    }

    /** What the guest writes from now on goes into another file. */
    private void cover(String next, Path file) throws IOException {
        qemu.monitor().cover(nodes.getLast(), BlockNode.overlay(next, file));
        nodes.add(next);
    }

    @Override
    public void kill() {
        qemu.kill();
    }

    @Override
    public CompletableFuture<VmExit> exit() {
        return exit;
    }
}
