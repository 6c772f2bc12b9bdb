package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Ending;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;

/** {@code aegis run}: a command in a VM of its own, which is gone afterwards. */
public final class RunCommand {
    /** How long Ctrl+C waits until the instance is deleted, in seconds. */
    private static final long DELETE_LIMIT = 2;

    private RunCommand() {}

    public static Verb verb() {
        Usage usage = FollowedProcess.declare(
                        InstanceOptions.declare(Usage.of("run a command in a new VM, then delete the VM")))
                .command("<cmd> [args…]", false)
                .details("""
                        Exits with the exit code of the command; with 128+n when signal n ended it, 126 when it cannot be
                        executed, 127 when there is no such command, and 125 when aegis itself failed. Ctrl+C deletes the VM; with
                        -it it goes to the command. Without a command, the command of the image runs.""")
                .example("aegis run --env GREETING=hello -- sh -c 'echo $GREETING from $(uname -r)'");
        return new Verb(usage, Verb.FAILED_BESIDE_GUEST, RunCommand::run);
    }

    private static int run(Arguments arguments, Session session) throws IOException {
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        CreateInstance request = InstanceOptions.ephemeral(arguments, joined);
        if (request.command().isEmpty() && request.imageRef() == null) {
            throw arguments.wrong("the command is missing (or --image with one of its own): " + arguments.synopsis());
        }
        try (DaemonClient daemon = session.daemon()) {
            InstanceOptions.fetchImage(daemon, request, session);
            try (AttachedProcess process = daemon.stream(Routes.CREATE.with(request))) {
                InstanceView instance = process.instance();
                Ending.onSignal(() -> delete(instance.id(), session));
                for (Endpoint endpoint : instance.endpoints()) {
                    session.console().say("aegis: ".concat(InstanceOptions.text(endpoint)));
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
}
