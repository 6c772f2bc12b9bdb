package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** {@code aegis run}: a command in a VM of its own, which is gone afterwards. */
public final class RunCommand {
    /** How long Ctrl+C waits until the instance is deleted, in seconds. */
    private static final long DELETE_LIMIT = 2;

    /** How long a boot may take before somebody is told of it. */
    private static final long PATIENCE_MS = 1000;

    private static final Duration LAST_WORD = Duration.ofMillis(200);

    private RunCommand() {}

    public static Verb verb() {
        Usage usage = FollowedProcess.declare(
                        InstanceOptions.declare(Usage.of("run a command in a new VM, then delete the VM")))
                .with("--detach -d", "start it as an instance that stays, and print its name")
                .command("<cmd> [args…]", false);
        return new Verb(usage, Verb.FAILED_BESIDE_GUEST, RunCommand::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        if (arguments.command().isEmpty() && !arguments.has("--image")) {
            throw arguments.wrong("give a command, or an --image that has a default command: " + arguments.synopsis());
        }
        if (arguments.has("--detach")) {
            if (arguments.has("--tty") || arguments.has("--interactive")) {
                throw arguments.wrong("--detach cannot be used together with -i or -t, since it does not wait");
            }
            return StartVerbs.detached(arguments, session);
        }
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        CreateInstance asked = InstanceOptions.ephemeral(arguments, joined);
        try (DaemonClient daemon = session.daemon()) {
            CreateInstance request = ImageSource.fetchFor(asked, daemon, session);
            try (AttachedProcess process = daemon.stream(Routes.CREATE.with(request))) {
                InstanceView instance = process.instance();
                Ending.onSignal(() -> delete(instance.id(), session));
                RouterNotice.warn(instance, session);
                for (Endpoint endpoint : instance.endpoints()) {
                    session.note(InstanceOptions.text(endpoint));
                }
                return joined.follow(process, watchBoot(instance.id(), session));
            }
        }
    }

    /** The end of our connection deletes it as well; so it is gone when we are. */
    private static void delete(String id, Session session) {
        CompletableFuture<Void> deleted = CompletableFuture.runAsync(() -> {
            try (DaemonClient daemon = session.client()) {
                daemon.call(Routes.DELETE, id);
            } catch (ApiException | IOException gone) {
                return;
            }
        });
        try {
            deleted.get(DELETE_LIMIT, TimeUnit.SECONDS);
        } catch (Exception slow) {
            return;
        }
    }

    /**
     * Tells a person at a terminal why a boot takes long (the daemon has said it in the instance's log), and that it
     * goes on.
     *
     * @return what is to be run once the main process runs: then it is silent
     */
    private static Runnable watchBoot(String instance, Session session) {
        CountDownLatch over = new CountDownLatch(1);
        Thread teller =
                Thread.ofPlatform().daemon().name("slow boot").start(() -> waitAndTell(instance, session, over));
        return () -> {
            over.countDown();
            try {
                teller.join(LAST_WORD);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private static void waitAndTell(String instance, Session session, CountDownLatch over) {
        try {
            if (!over.await(PATIENCE_MS, TimeUnit.MILLISECONDS) && Console.errIsTerminal()) {
                tell(instance, session, over);
                try (StatusLine _ = StatusLine.waiting(session.console(), "starting the VM")) {
                    over.await();
                }
            }
        } catch (InterruptedException | ApiException | IOException nothingToTell) {
            return;
        }
    }

    private static void tell(String instance, Session session, CountDownLatch over) throws IOException {
        try (DaemonClient daemon = session.client();
                JsonLines entries = daemon.lines(Routes.LOGS.to(instance))) {
            for (byte[] line = entries.next(); line != null; line = entries.next()) {
                LogEntry entry = ApiJson.answer(LogEntry.class, line);
                if (entry.stream() == LogStream.SYSTEM && over.getCount() > 0) {
                    session.note(entry.line());
                }
            }
        }
    }
}
