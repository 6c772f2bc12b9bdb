package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.Finding;
import dev.aegisvm.vmm.start.Accelerator.*;

/** What this host says of KVM before a guest has tried it. */
final class Kvm {
    private static final String FINDING = "virtualization";

    private final Path root;

    /** @param root where the host's file system is seen, {@code /} but for tests */
    Kvm(Path root) {
        this.root = root;
    }

    private Path device() {
        return root.resolve("dev/kvm");
    }

    /** Why it runs no guest; empty where only a guest can tell. */
    Optional<String> obstacle() {
        return isUseless()
                ? Optional.of("this host's processor does not support virtualization (it has neither vmx nor svm)")
                : deviceObstacle();
    }

    /** Rights to open the device would not help. */
    private boolean isUseless() {
        return new Machine(root).lacksVirtualization();
    }

    Optional<String> deviceObstacle() {
        if (Files.notExists(device())) {
            return Optional.of("there is no " + device() + " on this host");
        }
        try {
            FileChannel.open(device(), StandardOpenOption.READ, StandardOpenOption.WRITE)
                    .close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(device() + " cannot be opened: " + HostError.reason(e));
        }
    }

    /** What its user can do where it runs no guest. */
    String remedy() {
        String first =
                !isUseless() && Files.exists(device()) && deviceObstacle().isPresent()
                        ? access(device(), "kvm", System.getProperty("user.name"))
                        : "enable virtualization in the firmware, or nested virtualization where this machine is hosted";
        return first + "; then test KVM with `aegis doctor --kvm`";
    }

    /**
     * How a user gets to open a device: as a member of its group, where that is the group that is made for it.
     *
     * @param made the name of that group
     */
    static String access(Path device, String made, String user) {
        try {
            PosixFileAttributes found = Files.readAttributes(device, PosixFileAttributes.class);
            boolean helps = found.group().getName().equals(made)
                    && found.permissions().contains(PosixFilePermission.GROUP_WRITE);
            return helps
                    ? "adduser " + user + " " + made + ", log in again, and run `aegis up --restart`"
                    : "as root: setfacl -m u:" + user + ":rw " + device;
        } catch (IOException gone) {
            return HostError.text(gone);
        }
    }

    /** What is known, without a trial. */
    Finding check(Verdicts verdicts) {
        Optional<Verdict> verdict = verdicts.latest();
        if (verdict.isPresent()) {
            String found = verdict.get().accelerator() + ": " + verdict.get().reason();
            return verdict.get().accelerator().equals("kvm")
                    ? Finding.ok(FINDING, found)
                    : Finding.note(FINDING, found, "VMs work, many times slower than with KVM; for that " + remedy());
        }
        return obstacle()
                .map(obstacle -> Finding.note(FINDING, obstacle + "; VMs will be emulated", remedy()))
                .orElseGet(() -> Finding.note(
                        FINDING,
                        device() + " can be opened; not tested with a guest yet",
                        "the first VM start tests it, or run `aegis doctor --kvm`"));
    }
}
