package dev.aegisvm.cli;

import dev.aegisvm.cli.copy.CopyCommand;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.verbs.CompletionCommand;
import dev.aegisvm.cli.verbs.DoctorCommand;
import dev.aegisvm.cli.verbs.DownCommand;
import dev.aegisvm.cli.verbs.EventsCommand;
import dev.aegisvm.cli.verbs.ExecCommand;
import dev.aegisvm.cli.verbs.ExecVerbs;
import dev.aegisvm.cli.verbs.HelpCommand;
import dev.aegisvm.cli.verbs.ImageVerbs;
import dev.aegisvm.cli.verbs.InstanceAction;
import dev.aegisvm.cli.verbs.InstanceInfoCommand;
import dev.aegisvm.cli.verbs.InstanceKeepaliveCommand;
import dev.aegisvm.cli.verbs.InstanceListCommand;
import dev.aegisvm.cli.verbs.InstancePruneCommand;
import dev.aegisvm.cli.verbs.InstanceStartCommand;
import dev.aegisvm.cli.verbs.InstanceStatsCommand;
import dev.aegisvm.cli.verbs.LogsCommand;
import dev.aegisvm.cli.verbs.McpVerbs;
import dev.aegisvm.cli.verbs.RunCommand;
import dev.aegisvm.cli.verbs.SecretVerbs;
import dev.aegisvm.cli.verbs.ShellCommand;
import dev.aegisvm.cli.verbs.StatusCommand;
import dev.aegisvm.cli.verbs.UpCommand;
import dev.aegisvm.cli.verbs.VersionCommand;

/** The command tree, in the order of the help. */
final class Commands {
    private Commands() {}

    static Command tree() {
        Command aegis = Command.root("aegis", "AegisVM runs commands in microVMs");
        aegis.verb("up", new UpCommand());
        aegis.verb("down", new DownCommand());
        aegis.verb("status", new StatusCommand());
        aegis.verb("doctor", new DoctorCommand());
        aegis.verb("run", new RunCommand());
        instances(aegis.group("instance", "instances: VMs that stay until they are deleted"));
        images(aegis.group("image", "images: root file systems for instances"));
        Command exec = aegis.verb("exec", new ExecCommand());
        exec.verb("ps", new ExecVerbs.Ps());
        exec.verb("kill", new ExecVerbs.Kill());
        aegis.verb("shell", new ShellCommand());
        aegis.verb("cp", new CopyCommand());
        aegis.verb("logs", new LogsCommand());
        aegis.verb("events", new EventsCommand());
        Command secret = aegis.group("secret", "secrets: values, stored encrypted, that instances get as variables");
        secret.verb("set", new SecretVerbs.Set());
        secret.verb("list", new SecretVerbs.ListAll());
        secret.verb("delete", new SecretVerbs.Delete());
        Command mcp = aegis.group("mcp", "the MCP server, which offers AegisVM to a model");
        mcp.verb("install", new McpVerbs.Install());
        mcp.verb("uninstall", new McpVerbs.Uninstall());
        aegis.verb("completion", new CompletionCommand());
        aegis.verb("__complete", new CompletionCommand.Complete(aegis)).hide();
        aegis.verb("version", new VersionCommand()).aliases("--version", "-V");
        aegis.verb("help", new HelpCommand(aegis)).aliases("--help", "-h");
        return aegis;
    }

    private static void instances(Command instance) {
        instance.verb("start", new InstanceStartCommand());
        instance.verb("list", new InstanceListCommand());
        instance.verb("info", new InstanceInfoCommand());
        instance.verb("stats", new InstanceStatsCommand());
        instance.verb("stop", InstanceAction.STOP);
        instance.verb("disable", InstanceAction.DISABLE);
        instance.verb("pause", InstanceAction.PAUSE);
        instance.verb("resume", InstanceAction.RESUME);
        instance.verb("keepalive", new InstanceKeepaliveCommand());
        instance.verb("delete", InstanceAction.DELETE);
        instance.verb("prune", new InstancePruneCommand());
    }

    private static void images(Command image) {
        image.verb("pull", new ImageVerbs.Pull());
        image.verb("list", new ImageVerbs.ListAll());
        image.verb("delete", new ImageVerbs.Delete());
        image.verb("prune", new ImageVerbs.Prune());
        image.verb("load", new ImageVerbs.Load());
    }
}
