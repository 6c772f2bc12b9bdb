package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.SnapshotViews.TakeSnapshot;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;

/** Further commands in an instance that runs: {@code exec} and {@code shell}, and the verbs about those. */
public final class ExecVerbs {
    private static final List<String> BEST_SHELL =
            List.of("/bin/sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh");

    private static final String SNAPSHOT = "--snapshot";
    private static final String NEW = "--new";
    private static final String ALL = "--all";

    private ExecVerbs() {}

    public static Verb exec() {
        return FollowedProcess.declare(InstanceOptions.declareProcess(Verb.of("run a command in a running instance")))
                .with("--detach -d", "print its id and do not wait; `aegis exec attach` shows its output")
                .with(SNAPSHOT, "snapshot the instance before the command runs, and print the rewind command")
                .operand(Value.INSTANCE)
                .command(true)
                .besideGuest()
                .does(ExecVerbs::exec);
    }

    private static int exec(Arguments arguments, Session session) throws IOException {
        boolean detach = FollowedProcess.isDetached(arguments);
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        if (arguments.has(SNAPSHOT)) {
            TakeSnapshot snapshot = new TakeSnapshot(null, null, "before a command", null);
            String instance = arguments.operand();
            String kept = session.daemon()
                    .call(Routes.CREATE_SNAPSHOT.with(snapshot, instance))
                    .name();
            session.note("to go back: aegis rewind " + instance + " " + kept);
        }
        ExecRequest request = request(arguments, InstanceOptions.utf8(arguments), joined);
        if (!detach) {
            return follow(arguments, session, request, joined);
        }
        ExecStarted started = session.daemon().call(Routes.EXEC.with(request, arguments.operand()));
        session.print(started, started.execId());
        return 0;
    }

    public static Verb shell() {
        return InstanceOptions.declareProcess(Verb.of("open a shell in a running instance"))
                .operand(Value.INSTANCE)
                .besideGuest()
                .does((arguments, session) -> {
                    FollowedProcess joined = FollowedProcess.ofShell(session);
                    return follow(arguments, session, request(arguments, BEST_SHELL, joined), joined);
                });
    }

    private static int follow(Arguments arguments, Session session, ExecRequest request, FollowedProcess joined)
            throws IOException {
        try (AttachedProcess process = begin(arguments.operand(), session, request)) {
            return joined.followInterruptible(process);
        }
    }

    /** The instance may be starting. */
    private static AttachedProcess begin(String instance, Session session, ExecRequest request) throws IOException {
        DaemonClient daemon = session.daemon();
        try (StatusLine _ = StartVerbs.waiting("waiting for " + instance, instance, session)) {
            return daemon.stream(Routes.EXEC.with(request, instance));
        }
    }

    private static ExecRequest request(Arguments arguments, List<String> command, FollowedProcess joined) {
        return ExecRequestBuilder.builder()
                .command(command)
                .env(joined.environment(InstanceOptions.environment(arguments)))
                .cwd(InstanceOptions.workdir(arguments))
                .user(arguments.value("--user"))
                .tty(joined.size())
                .timeoutMs(InstanceOptions.timeoutMs(arguments))
                .detach(arguments.flag("--detach"))
                .build();
    }

    public static Verb attach() {
        return Verb.of("show the output of a command that `aegis exec` started")
                .with("--interactive -i", "pass on stdin; where the command has a terminal, yours")
                .with(NEW, "only what is written from now on")
                .operand(Value.INSTANCE)
                .operand(Value.of("<exec-id>", Value.Kind.EXEC))
                .besideGuest()
                .does((arguments, session) -> {
                    String exec = Objects.requireNonNull(arguments.second());
                    DaemonClient daemon = session.daemon();
                    boolean tty = daemon.call(Routes.GET_EXEC, arguments.operand(), exec)
                            .tty();
                    FollowedProcess joined = FollowedProcess.attached(arguments, session, tty);
                    Long begin = arguments.has(NEW) ? null : 0L;
                    try (AttachedProcess process = daemon.stream(Routes.ATTACH_EXEC
                            .to(arguments.operand(), exec)
                            .query("stdout", begin)
                            .query("stderr", begin))) {
                        return joined.watch(process);
                    }
                });
    }

    public static Verb ps() {
        return Asking.listing(
                Verb.of("list the commands that `aegis exec` runs in an instance")
                        .with(ALL + " -a", "also those that have ended, as long as their output is kept")
                        .operand(Value.INSTANCE),
                arguments -> Routes.EXECS.to(arguments.operand()).flag("all", arguments.has(ALL)),
                ExecView::execId,
                new TextTable("EXEC ID", "PID", "STARTED", "ATTACHED", "COMMAND"),
                (exec, table) -> table.row(
                        exec.execId(),
                        Long.toString(exec.pid()),
                        Printable.seconds(exec.startedAt()),
                        attached(exec),
                        Printable.command(exec.command())));
    }

    private static String attached(ExecView exec) {
        if (exec.endedAt() != null) {
            return exec.exit() == null
                    ? "ended"
                    : "exit " + Signals.exit(exec.exit().exitCode());
        }
        String here = exec.tty() ? "terminal" : "yes";
        return exec.detached() ? "no" : here;
    }

    public static Verb kill() {
        return Verb.of("kill commands that `aegis exec` runs in an instance")
                .operand(Value.INSTANCE)
                .operands(Value.of("<exec-id>", Value.Kind.EXEC))
                .withQuiet()
                .does((arguments, session) -> Asking.each(
                        arguments.operands().stream().skip(1).toList(),
                        session,
                        "killing",
                        (daemon, exec) -> daemon.call(Routes.KILL_EXEC, arguments.operand(), exec)
                                .status()));
    }
}
