package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.vmm.*;

/** Says why a VM ended, from what its backend and the guest's last words tell. */
final class VmDeath {
    private static final Pattern PANIC = Pattern.compile("Kernel panic - not syncing: ([^\\r\\n]{1,200})");
    private static final int TAIL_LINES = 20;

    private VmDeath() {}

    static String reason(VmExit exit) {
        Optional<String> panic = panic(exit.console());
        if (panic.isPresent()) {
            return "the guest's kernel panicked: " + panic.get();
        }
        String last = exit.diagnostics().strip();
        return switch (exit.end()) {
            case End.PoweredOff() -> "the guest powered off";
            case End.Rebooted() -> "the guest rebooted";
            case End.BySignal(int number) -> "its VM process was killed by signal " + number;
            case End.Failed(int status) ->
                "its VM process exited with status " + status + (last.isEmpty() ? "" : ": " + lastLine(last));
        };
    }

    /** The last lines on the guest's console, for the log. */
    static List<String> consoleTail(VmExit exit) {
        List<String> lines =
                exit.console().lines().filter(line -> !line.isBlank()).toList();
        return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    }

    private static Optional<String> panic(String console) {
        Matcher matcher = PANIC.matcher(console);
        return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
    }

    private static String lastLine(String text) {
        return text.lines().reduce("", (before, line) -> line);
    }
}
