package dev.aegisvm.vmm;

import module java.base;

/**
 * How a VM ended.
 *
 * @param console the last of what the guest kernel printed (64 KiB at most), oldest first; untrusted text
 * @param diagnostics the last of what the hypervisor printed (4 KiB at most)
 */
public record VmExit(End end, String console, String diagnostics) {
    private static final Pattern PANIC = Pattern.compile("Kernel panic - not syncing: ([^\\r\\n]{1,200})");
    private static final int TAIL_LINES = 20;

    /** Why it ended, in one sentence: by the guest's last words, or by what the hypervisor said. */
    public String reason() {
        Matcher panic = PANIC.matcher(console);
        if (panic.find()) {
            return "the guest's kernel panicked: " + panic.group(1).strip();
        }
        String last = diagnostics.strip();
        return switch (end) {
            case End.PoweredOff() -> "the guest powered off";
            case End.Rebooted() -> "the guest rebooted";
            case End.BySignal(int number) -> "its VM process was killed by signal " + number;
            case End.Failed(int status) ->
                "its VM process exited with status " + status
                        + (last.isEmpty() ? "" : ": " + last.lines().toList().getLast());
        };
    }

    /** The last lines on the guest's console, for the log. */
    public List<String> consoleTail() {
        List<String> lines = console.lines().filter(line -> !line.isBlank()).toList();
        return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    }

    /** What ended a VM. Each backend knows what the exit statuses of its process mean. */
    public sealed interface End {
        record PoweredOff() implements End {}

        /** The guest started its machine again, which ends a VM too. */
        record Rebooted() implements End {}

        record BySignal(int number) implements End {}

        /** The VM's process gave up with this exit status. */
        record Failed(int status) implements End {}
    }
}
