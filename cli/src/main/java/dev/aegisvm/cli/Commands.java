package dev.aegisvm.cli;

import dev.aegisvm.cli.copy.CopyCommand;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.verbs.DaemonVerbs;
import dev.aegisvm.cli.verbs.DoctorCommand;
import dev.aegisvm.cli.verbs.EventsCommand;
import dev.aegisvm.cli.verbs.ExecCommand;
import dev.aegisvm.cli.verbs.ExecVerbs;
import dev.aegisvm.cli.verbs.HelpVerbs;
import dev.aegisvm.cli.verbs.ImageVerbs;
import dev.aegisvm.cli.verbs.InstanceAction;
import dev.aegisvm.cli.verbs.InstanceKeepaliveCommand;
import dev.aegisvm.cli.verbs.InstancePruneCommand;
import dev.aegisvm.cli.verbs.InstanceStartCommand;
import dev.aegisvm.cli.verbs.InstanceViews;
import dev.aegisvm.cli.verbs.LogsCommand;
import dev.aegisvm.cli.verbs.McpVerbs;
import dev.aegisvm.cli.verbs.RunCommand;
import dev.aegisvm.cli.verbs.SecretVerbs;

/** The command tree, in the order of the help. */
final class Commands {
    private Commands() {}

    static Command tree() {
        Command aegis =
                Command.root("aegis", "AegisVM runs commands in microVMs", "aegis run -- echo \"hello from aegisvm\"");
        aegis.verb("up", new DaemonVerbs.Up());
        aegis.verb("down", new DaemonVerbs.Down());
        aegis.verb("status", new DaemonVerbs.Status());
        aegis.verb("doctor", new DoctorCommand());
        aegis.verb("run", new RunCommand());
        instances(aegis.group("instance", "instances: VMs that stay until they are deleted"));
        images(aegis.group("image", "images: root file systems for instances"));
        Command exec = aegis.verb("exec", new ExecCommand());
        exec.verb("ps", new ExecVerbs.Ps());
        exec.verb("kill", new ExecVerbs.Kill());
        aegis.verb("shell", new ExecVerbs.Shell());
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
        aegis.verb("completion", new HelpVerbs.Completions());
        aegis.verb("__complete", new HelpVerbs.Completions.Complete(aegis)).hide();
        aegis.verb("version", new HelpVerbs.Version()).aliases("--version", "-V");
        aegis.verb("help", new HelpVerbs.Help(aegis)).aliases("--help", "-h");
        return aegis;
    }

    private static void instances(Command instance) {
        instance.verb("start", new InstanceStartCommand());
        instance.verb("list", new InstanceViews.ListAll());
        instance.verb("info", new InstanceViews.Info());
        instance.verb("stats", new InstanceViews.Stats());
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
