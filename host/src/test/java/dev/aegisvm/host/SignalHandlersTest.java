package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a JVM of its own that leaves signals alone. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalHandlersTest {
    /** Says that it listens, then which signals come; ends at one of SIGTERM. */
    public static final class Listener {
        public static void main(String[] words) throws InterruptedException {
            SignalHandlers signals = new SignalHandlers(Path.of("signals/build/libaegis-signals.so"));
            signals.on(Posix.SIGINT, () -> System.out.println("INT"));
            signals.on(Posix.SIGINT, () -> System.out.println("never"));
            signals.on(Posix.SIGTERM, () -> {
                signals.close();
                boolean listens = Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().equals("signals"));
                Runtime.getRuntime().halt(listens ? 8 : 7);
            });
            System.out.println("listens");
            new CountDownLatch(1).await();
        }
    }

    private static Process listener() throws IOException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        // A build in the background of a shell ignores SIGINT, one by nohup SIGHUP, and so would what it starts.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,HUP", java, "-Xrs"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add(Listener.class.getName());
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void kill(String signal, Process process) throws IOException {
        Program.run(List.of("kill", "-" + signal, Long.toString(process.pid())));
    }

    @Test
    void whatIsHeardIsToldAndTheRestEndsTheProcess() throws Exception {
        Process process = listener();
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.readLine()).isEqualTo("listens");
            kill("INT", process);
            assertThat(out.readLine()).isEqualTo("INT");
            kill("INT", process);
            assertThat(out.readLine()).isEqualTo("INT");
            kill("TERM", process);
            assertThat(process.waitFor()).isEqualTo(7);
        }
        Process other = listener();
        try (BufferedReader out = other.inputReader()) {
            assertThat(out.readLine()).isEqualTo("listens");
            kill("HUP", other);
            assertThat(other.waitFor()).isEqualTo(128 + Posix.SIGHUP);
        }
    }
}
