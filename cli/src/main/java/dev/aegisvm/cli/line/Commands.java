package dev.aegisvm.cli.line;

import dev.aegisvm.cli.copy.CopyCommand;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.verbs.CompletionCommand;
import dev.aegisvm.cli.verbs.DoctorCommand;
import dev.aegisvm.cli.verbs.DownCommand;
import dev.aegisvm.cli.verbs.EventsCommand;
import dev.aegisvm.cli.verbs.ExecCommand;
import dev.aegisvm.cli.verbs.ExecKillCommand;
import dev.aegisvm.cli.verbs.ExecPsCommand;
import dev.aegisvm.cli.verbs.HelpCommand;
import dev.aegisvm.cli.verbs.ImageDeleteCommand;
import dev.aegisvm.cli.verbs.ImageListCommand;
import dev.aegisvm.cli.verbs.ImageLoadCommand;
import dev.aegisvm.cli.verbs.ImagePruneCommand;
import dev.aegisvm.cli.verbs.ImagePullCommand;
import dev.aegisvm.cli.verbs.InstanceDeleteCommand;
import dev.aegisvm.cli.verbs.InstanceDisableCommand;
import dev.aegisvm.cli.verbs.InstanceInfoCommand;
import dev.aegisvm.cli.verbs.InstanceKeepaliveCommand;
import dev.aegisvm.cli.verbs.InstanceListCommand;
import dev.aegisvm.cli.verbs.InstancePauseCommand;
import dev.aegisvm.cli.verbs.InstancePruneCommand;
import dev.aegisvm.cli.verbs.InstanceResumeCommand;
import dev.aegisvm.cli.verbs.InstanceStartCommand;
import dev.aegisvm.cli.verbs.InstanceStatsCommand;
import dev.aegisvm.cli.verbs.InstanceStopCommand;
import dev.aegisvm.cli.verbs.LogsCommand;
import dev.aegisvm.cli.verbs.McpInstallCommand;
import dev.aegisvm.cli.verbs.McpUninstallCommand;
import dev.aegisvm.cli.verbs.RunCommand;
import dev.aegisvm.cli.verbs.SecretDeleteCommand;
import dev.aegisvm.cli.verbs.SecretListCommand;
import dev.aegisvm.cli.verbs.SecretSetCommand;
import dev.aegisvm.cli.verbs.ShellCommand;
import dev.aegisvm.cli.verbs.StatusCommand;
import dev.aegisvm.cli.verbs.UpCommand;
import dev.aegisvm.cli.verbs.VersionCommand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command tree: which words name which verb. A verb's class is loaded when its name is called. */
public final class Commands {
    /** The verbs that work, in the order of the help; groups are two words. */
    public static final List<String> NAMES = List.of(
            "up",
            "down",
            "status",
            "doctor",
            "run",
            "instance start",
            "instance list",
            "instance info",
            "instance stats",
            "instance stop",
            "instance disable",
            "instance pause",
            "instance resume",
            "instance keepalive",
            "instance delete",
            "instance prune",
            "image pull",
            "image list",
            "image delete",
            "image prune",
            "image load",
            "exec",
            "exec ps",
            "exec kill",
            "shell",
            "cp",
            "logs",
            "events",
            "secret set",
            "secret list",
            "secret delete",
            "mcp install",
            "mcp uninstall",
            "completion",
            "version",
            "help");

    /** What the first word may be. */
    private static final List<String> NAMES_AND_GROUPS = List.of(
            "up",
            "down",
            "status",
            "doctor",
            "run",
            "instance",
            "image",
            "exec",
            "shell",
            "cp",
            "logs",
            "events",
            "secret",
            "mcp",
            "completion",
            "version",
            "help");

    /**
     * The verb that was called.
     *
     * @param length how many words named it
     */
    public record Match(Verb verb, int length) {}

    private Commands() {}

    /** Turns {@code help run} into {@code run --help}. */
    public static List<String> withoutHelpFirst(List<String> words) {
        if (words.size() < 2 || !words.getFirst().equals("help") || words.get(1).startsWith("-")) {
            return words;
        }
        List<String> turned = new ArrayList<>(words.subList(1, words.size()));
        turned.add("--help");
        return turned;
    }

    public static Match find(List<String> words) throws UsageException {
        if (words.isEmpty()) {
            throw new UsageException("aegis: what shall be done? See `aegis --help`, or try: aegis run -- echo hi");
        }
        String first = words.getFirst();
        String alias = alias(first);
        if (alias != null) {
            return new Match(verb(alias), 1);
        }
        if (isWordOfExec(words)) {
            return new Match(verb("exec ".concat(words.get(1))), 2);
        }
        Verb single = known(first);
        if (single != null) {
            return new Match(single, 1);
        }
        return isGroup(first) ? findInGroup(first, words) : fail(first, "unknown command '", NAMES_AND_GROUPS);
    }

    private static @Nullable String alias(String word) {
        return switch (word) {
            case "--help", "-h" -> "help";
            case "--version", "-V" -> "version";
            default -> null;
        };
    }

    /** {@code exec ps box}, but not {@code exec ps -- ls}, which is about an instance of that name. */
    private static boolean isWordOfExec(List<String> words) {
        return words.size() > 1
                && words.getFirst().equals("exec")
                && known("exec ".concat(words.get(1))) != null
                && !words.contains("--");
    }

    private static boolean isGroup(String word) {
        return word.equals("instance") || word.equals("image") || word.equals("secret") || word.equals("mcp");
    }

    private static Match findInGroup(String group, List<String> words) throws UsageException {
        String prefix = group.concat(" ");
        String second = words.size() < 2 ? "" : words.get(1);
        if (second.equals("--help") || second.equals("-h")) {
            return new Match(new HelpCommand(), 2);
        }
        String name = prefix.concat(second);
        Verb verb = known(name);
        if (verb != null) {
            return new Match(verb, 2);
        }
        StringBuilder choices = new StringBuilder();
        for (String known : inGroup(prefix)) {
            choices.append(choices.isEmpty() ? "" : ", ").append(known);
        }
        if (second.isEmpty()) {
            throw new UsageException("aegis " + group + ": what shall be done? One of: " + choices);
        }
        return fail(second, "unknown command '" + prefix, inGroup(prefix));
    }

    private static List<String> inGroup(String prefix) {
        List<String> words = new ArrayList<>();
        for (String name : NAMES) {
            if (name.startsWith(prefix)) {
                words.add(name.substring(prefix.length()));
            }
        }
        return words;
    }

    private static Match fail(String word, String message, List<String> known) throws UsageException {
        String near = Nearest.to(word, known);
        String group = message.substring(message.indexOf('\'') + 1);
        throw new UsageException("aegis: " + message + Printable.of(word) + "'"
                + (near == null ? "; see `aegis --help`" : "; did you mean `aegis " + group + near + "`?"));
    }

    /** A verb that {@link #NAMES} lists. */
    public static Verb verb(String name) {
        Verb verb = known(name);
        if (verb == null) {
            throw new IllegalArgumentException("no verb " + name);
        }
        return verb;
    }

    private static @Nullable Verb known(String name) {
        return switch (name) {
            case "up" -> new UpCommand();
            case "down" -> new DownCommand();
            case "status" -> new StatusCommand();
            case "doctor" -> new DoctorCommand();
            case "run" -> new RunCommand();
            case "image pull" -> new ImagePullCommand();
            case "image list" -> new ImageListCommand();
            case "image delete" -> new ImageDeleteCommand();
            case "image prune" -> new ImagePruneCommand();
            case "image load" -> new ImageLoadCommand();
            case "exec" -> new ExecCommand();
            case "exec ps" -> new ExecPsCommand();
            case "exec kill" -> new ExecKillCommand();
            case "shell" -> new ShellCommand();
            case "cp" -> new CopyCommand();
            case "events" -> new EventsCommand();
            case "logs" -> new LogsCommand();
            case "secret set" -> new SecretSetCommand();
            case "secret list" -> new SecretListCommand();
            case "secret delete" -> new SecretDeleteCommand();
            case "mcp install" -> new McpInstallCommand();
            case "mcp uninstall" -> new McpUninstallCommand();
            case "completion" -> new CompletionCommand();
            case "version" -> new VersionCommand();
            case "help" -> new HelpCommand();
            default -> ofAnInstance(name);
        };
    }

    private static @Nullable Verb ofAnInstance(String name) {
        return switch (name) {
            case "instance start" -> new InstanceStartCommand();
            case "instance list" -> new InstanceListCommand();
            case "instance info" -> new InstanceInfoCommand();
            case "instance stats" -> new InstanceStatsCommand();
            case "instance stop" -> new InstanceStopCommand();
            case "instance disable" -> new InstanceDisableCommand();
            case "instance pause" -> new InstancePauseCommand();
            case "instance resume" -> new InstanceResumeCommand();
            case "instance keepalive" -> new InstanceKeepaliveCommand();
            case "instance delete" -> new InstanceDeleteCommand();
            case "instance prune" -> new InstancePruneCommand();
            default -> null;
        };
    }
}
