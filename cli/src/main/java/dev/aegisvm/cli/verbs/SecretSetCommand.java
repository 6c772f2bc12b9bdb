package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.SecretViews.SecretName;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code aegis secret set}: the value comes from a prompt that does not show it, or from stdin. */
public final class SecretSetCommand implements Verb {
    /** A value and the newline that ends it. */
    private static final int MOST_INPUT = SecretValue.MOST_BYTES + 2;

    @Override
    public Usage usage() {
        return Usage.of("secret set", "store a secret, encrypted")
                .operand("<key>")
                .optionalOperand("[value]")
                .details("""
                        The value is asked for, or read from stdin to its end, without the newline that ends it. It can be an
                        argument too, which your shell's history and the process list then show. Instances that were started
                        with --secret get it at their next boot.""")
                .example("printf %s \"$TOKEN\" | aegis secret set API_KEY");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        List<String> operands = arguments.operands();
        String name = name(operands.getFirst(), arguments);
        String value;
        if (operands.size() > 1) {
            session.console()
                    .say("aegis: the value is in the shell's history and was in the process list; better: printf %s"
                            + " \"$VALUE\" | aegis secret set " + name);
            value = operands.get(1);
        } else {
            value = session.console().secret("value of " + name + ": ").orElse(null);
            value = value == null ? fromStdin(arguments, session) : value;
        }
        if (value.isEmpty()) {
            throw arguments.wrong("the value is empty; to remove a secret: aegis secret delete " + name);
        }
        try (DaemonClient daemon = session.daemon()) {
            session.console()
                    .line(daemon.putSecret(name, new SecretValue(value)).name() + ": set");
        }
        return 0;
    }

    static String name(String word, Arguments arguments) throws UsageException {
        if (!SecretName.isOne(word)) {
            throw arguments.wrong("the name of a secret has letters, digits, '_', '-' and '.', a letter or '_' first,"
                    + " 128 at most, such as API_KEY");
        }
        return word;
    }

    private static String fromStdin(Arguments arguments, Session session) throws IOException, UsageException {
        byte[] bytes = session.console().in().readNBytes(MOST_INPUT + 1);
        if (bytes.length > MOST_INPUT) {
            throw arguments.wrong("the value on stdin is longer than " + SecretValue.MOST_BYTES + " bytes");
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
