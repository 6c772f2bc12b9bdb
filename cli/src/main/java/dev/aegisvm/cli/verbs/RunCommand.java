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
            throw arguments.wrong("the command is missing (or --image with one of its own): " + arguments.synopsis());
        }
        if (arguments.has("--detach")) {
            if (arguments.has("--tty") || arguments.has("--interactive")) {
                throw arguments.wrong("--detach excludes -i and -t: nobody is connected to the command");
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
                SlowBoot boot = SlowBoot.watch(instance.id(), session);
                return joined.follow(process, boot::over);
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
     * Tells a person at a terminal why a boot takes long (the daemon has said it in the instance's log), and that it goes on.
     * It is silent once the process runs.
     */
    private static final class SlowBoot {
        private static final long PATIENCE_MS = 1000;
        private static final Duration LAST_WORD = Duration.ofMillis(200);

        private final CountDownLatch over = new CountDownLatch(1);
        private final String instance;
        private final Session session;
        private final Thread teller = new Thread(this::waitAndTell, "slow boot");

        private SlowBoot(String instance, Session session) {
            this.instance = instance;
            this.session = session;
        }

        static SlowBoot watch(String instance, Session session) {
            SlowBoot boot = new SlowBoot(instance, session);
            boot.teller.setDaemon(true);
            boot.teller.start();
            return boot;
        }

        /** The main process runs. */
        void over() {
            over.countDown();
            try {
                teller.join(LAST_WORD);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }

        private void waitAndTell() {
            try {
                if (!over.await(PATIENCE_MS, TimeUnit.MILLISECONDS) && Console.errIsTerminal()) {
                    tell();
                    try (StatusLine _ = StatusLine.waiting(session.console(), "starting the VM")) {
                        over.await();
                    }
                }
            } catch (InterruptedException | ApiException | IOException nothingToTell) {
                return;
            }
        }

        private void tell() throws IOException {
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
}
