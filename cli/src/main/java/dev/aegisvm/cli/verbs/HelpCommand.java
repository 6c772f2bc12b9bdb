package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.line.HelpText;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code aegis help [command]}. */
public record HelpCommand(Command root) implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("show the commands, or the help of one")
                .optionalOperands(Value.of("[command]", Value.Kind.COMMAND))
                .example("aegis help run");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        List<String> words = new ArrayList<>(arguments.operands());
        words.add("--help");
        Command command =
                arguments.operands().isEmpty() ? root : root.find(words).command();
        session.console().print(HelpText.of(command));
        return 0;
    }
}
