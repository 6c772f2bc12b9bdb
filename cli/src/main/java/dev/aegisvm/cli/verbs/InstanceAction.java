package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** The verbs that do one thing to each instance that is named. */
public enum InstanceAction implements Verb {
    STOP("stop", "stop instances; their disks stay", "stopping", """
            The main process gets SIGTERM, and SIGKILL 5 s later. The instance stays enabled. An instance that is stopped
            stays stopped. `aegis instance start --name NAME` starts it again."""),

    DISABLE("disable", "stop instances, and let only `aegis instance start` wake them", "disabling", """
            Closes the ports, and keeps their numbers, the disk and the logs. Until `aegis instance start --name NAME`,
            no connection, no `aegis exec` and no start of the daemon boots it."""),

    PAUSE("pause", "pause running instances", "pausing", """
            A paused VM uses no CPU and keeps its memory. `aegis instance resume` and `aegis exec` resume it."""),

    RESUME("resume", "resume paused instances", "resuming", "The clock of the guest is set before its processes run."),

    DELETE("delete", "delete instances with their disks and logs", "deleting", """
            Works in every state, also while an instance runs. This cannot be undone.""");

    private final String word;
    private final String summary;
    private final String doing;
    private final String details;

    InstanceAction(String word, String summary, String doing, String details) {
        this.word = word;
        this.summary = summary;
        this.doing = doing;
        this.details = details;
    }

    @Override
    public Usage usage() {
        return Usage.of(summary).operands(Value.INSTANCE).details(details).example("aegis instance " + word + " box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return Asking.each(arguments.operands(), session, doing, this::ask);
    }

    private String ask(DaemonClient daemon, String instance) throws IOException {
        return switch (this) {
            case STOP -> daemon.call(Routes.STOP, instance).status();
            case DISABLE -> daemon.call(Routes.DISABLE, instance).status();
            case PAUSE -> daemon.call(Routes.PAUSE, instance).status();
            case RESUME -> daemon.call(Routes.RESUME, instance).status();
            case DELETE -> daemon.call(Routes.DELETE, instance).status();
        };
    }
}
