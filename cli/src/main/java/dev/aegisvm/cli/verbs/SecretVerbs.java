package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.api.SecretViews.SecretView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The verbs about secrets. */
public final class SecretVerbs {
    private SecretVerbs() {}

    private static String name(String word, Arguments arguments) throws UsageException {
        if (!SecretName.isOne(word)) {
            throw arguments.wrong(
                    "the name of a secret has letters, digits, '_', '-' and '.', begins with a letter or '_',"
                            + " and is at most 128 characters long, such as API_KEY");
        }
        return word;
    }

    /** {@code aegis secret set}: the value comes from a prompt that does not show it, or from stdin. */
    public static final class Set implements Verb {
        /** A value and the newline that ends it. */
        private static final int MAX_INPUT = SecretValue.MAX_BYTES + 2;

        @Override
        public Usage usage() {
            return Usage.of("store a secret, encrypted")
                    .operand(Value.SECRET)
                    .optionalOperand(Value.of("[value]"))
                    .details("""
                            Asks for the value, or reads it from stdin to the end, without a newline there. The value can also be
                            an argument, but then your shell's history and the process list show it. Instances that were started
                            with --secret get the value at their next boot.""")
                    .example("printf %s \"$TOKEN\" | aegis secret set API_KEY");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException, UsageException {
            List<String> operands = arguments.operands();
            String name = name(operands.getFirst(), arguments);
            String value;
            if (operands.size() > 1) {
                session.console()
                        .say(
                                "aegis: the value is now in the shell's history, and was in the process list; better: printf"
                                        + " %s \"$VALUE\" | aegis secret set " + name);
                value = operands.get(1);
            } else {
                value = session.console().secret("value of " + name + ": ").orElse(null);
                value = value == null ? fromStdin(arguments, session) : value;
            }
            if (value.isEmpty()) {
                throw arguments.wrong("the value is empty; to delete a secret: aegis secret delete " + name);
            }
            try (DaemonClient daemon = session.daemon()) {
                String stored = daemon.call(Routes.PUT_SECRET.with(new SecretValue(value), name))
                        .name();
                session.console().line(stored + ": set");
            }
            return 0;
        }

        private static String fromStdin(Arguments arguments, Session session) throws IOException, UsageException {
            byte[] bytes = session.console().in().readNBytes(MAX_INPUT + 1);
            if (bytes.length > MAX_INPUT) {
                throw arguments.wrong("the value on stdin is longer than " + SecretValue.MAX_BYTES + " bytes");
            }
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
                String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
                return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            } catch (CharacterCodingException noText) {
                throw arguments.wrong("the value on stdin is not UTF-8; encode it, with base64 for example");
            }
        }
    }

    /** {@code aegis secret list}: names, never values. */
    public static final class ListAll implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("list the names of the secrets")
                    .withJson()
                    .details("The values cannot be read back; only instances get them.")
                    .example("aegis secret list");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.show(arguments, session, daemon -> daemon.json(Routes.LIST_SECRETS), ListAll::table);
        }

        private static String table(byte[] secrets, boolean colours) {
            Table table = new Table("NAME", "CREATED AT");
            for (SecretView secret : ApiJson.read(Routes.LIST_SECRETS.answer(), secrets)) {
                table.row(secret.name(), Printable.seconds(secret.createdAt()));
            }
            return table.text(colours);
        }
    }

    /** {@code aegis secret delete}. */
    public static final class Delete implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("delete secrets")
                    .operands(Value.SECRET)
                    .details(
                            "Running instances keep the values they have. An instance that names the secret no longer boots.")
                    .example("aegis secret delete API_KEY");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException, UsageException {
            for (String word : arguments.operands()) {
                name(word, arguments);
            }
            return Asking.each(
                    arguments.operands(),
                    session,
                    "deleting",
                    (daemon, name) -> daemon.call(Routes.DELETE_SECRET, name).status());
        }
    }
}
