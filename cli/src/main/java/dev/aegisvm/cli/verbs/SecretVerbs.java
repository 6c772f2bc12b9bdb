package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;

/** The verbs about secrets. */
public final class SecretVerbs {
    /** A value and the newline that ends it. */
    private static final int MAX_INPUT = SecretValue.MAX_BYTES + 2;

    private SecretVerbs() {}

    private static String name(String word, Arguments arguments) {
        if (!SecretName.isOne(word)) {
            throw arguments.wrong(
                    "the name of a secret has letters, digits, '_', '-' and '.', begins with a letter or '_',"
                            + " and is at most 128 characters long, such as API_KEY");
        }
        return word;
    }

    /** The value comes from a prompt that does not show it, or from stdin. */
    public static Verb set() {
        return Verb.of("store a secret, encrypted")
                .operand(Value.SECRET)
                .optionalOperand(Value.of("[value]"))
                .withQuiet()
                .does(SecretVerbs::set);
    }

    private static int set(Arguments arguments, Session session) throws IOException {
        String name = name(arguments.operand(), arguments);
        String value = value(name, arguments, session);
        if (value.isEmpty()) {
            throw arguments.wrong("the value is empty; to delete a secret: aegis secret delete " + name);
        }
        String stored = session.daemon()
                .call(Routes.PUT_SECRET.with(new SecretValue(value), name))
                .name();
        Asking.done(session, stored, "set");
        return 0;
    }

    private static String value(String name, Arguments arguments, Session session) throws IOException {
        if (arguments.operands().size() > 1) {
            session.note("the value is now in the shell's history, and was in the process list; better: printf"
                    + " %s \"$VALUE\" | aegis secret set " + name);
            return arguments.operands().get(1);
        }
        Optional<String> typed = session.console().secret("value of " + name + ": ");
        return typed.isPresent() ? typed.get() : fromStdin(arguments, session);
    }

    private static String fromStdin(Arguments arguments, Session session) throws IOException {
        byte[] bytes = session.console().in().readNBytes(MAX_INPUT + 1);
        if (bytes.length > MAX_INPUT) {
            throw arguments.wrong("the value on stdin is longer than " + SecretValue.MAX_BYTES + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.replaceFirst("\\r?\\n?\\z", "");
        } catch (CharacterCodingException noText) {
            throw arguments.wrong("the value on stdin is not UTF-8; encode it, with base64 for example");
        }
    }

    public static Verb list() {
        return Asking.listing(
                Verb.of("list the names of the secrets"),
                _ -> Routes.LIST_SECRETS.to(),
                SecretView::name,
                new TextTable("NAME", "CREATED AT"),
                (secret, table) -> table.row(secret.name(), Printable.seconds(secret.createdAt())));
    }

    public static Verb delete() {
        Verb verb = Verb.of("delete secrets").operands(Value.SECRET);
        return Asking.each(verb, "deleting", arguments -> {
            arguments.operands().forEach(word -> name(word, arguments));
            return (daemon, name) -> daemon.call(Routes.DELETE_SECRET, name).status();
        });
    }
}
