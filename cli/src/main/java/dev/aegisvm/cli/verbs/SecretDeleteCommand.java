package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis secret delete}. */
public final class SecretDeleteCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("secret delete", "remove secrets")
                .operands("<key>")
                .details("Instances that run keep what they have; those that name it do not boot without it.")
                .example("aegis secret delete API_KEY");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        for (String word : arguments.operands()) {
            SecretSetCommand.name(word, arguments);
        }
        int exitCode = 0;
        try (DaemonClient daemon = session.daemon()) {
            for (String name : arguments.operands()) {
                try {
                    session.console()
                            .line(name + ": " + daemon.deleteSecret(name).status());
                } catch (ApiException refusal) {
                    session.say(refusal);
                    exitCode = FAILED;
                }
            }
        }
        return exitCode;
    }
}
