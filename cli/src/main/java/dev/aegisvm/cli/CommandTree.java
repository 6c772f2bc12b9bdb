package dev.aegisvm.cli;

import dev.aegisvm.cli.copy.CopyCommand;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.verbs.DaemonVerbs;
import dev.aegisvm.cli.verbs.ExecVerbs;
import dev.aegisvm.cli.verbs.HelpVerbs;
import dev.aegisvm.cli.verbs.ImageVerbs;
import dev.aegisvm.cli.verbs.InstanceVerbs;
import dev.aegisvm.cli.verbs.InstanceViews;
import dev.aegisvm.cli.verbs.LogVerbs;
import dev.aegisvm.cli.verbs.McpVerbs;
import dev.aegisvm.cli.verbs.RunCommand;
import dev.aegisvm.cli.verbs.SecretVerbs;
import dev.aegisvm.cli.verbs.SystemVerbs;
import dev.aegisvm.cli.verbs.UsageVerbs;

/** The commands, in the order of the help. */
final class CommandTree {
    private CommandTree() {}

    static Command root() {
        Command aegis =
                Command.root("aegis", "AegisVM runs commands in microVMs", "aegis run -- echo \"hello from aegisvm\"");
        aegis.verb("up", DaemonVerbs::up);
        aegis.verb("down", DaemonVerbs::down);
        aegis.verb("status", DaemonVerbs::status);
        aegis.verb("doctor", DaemonVerbs::doctor);
        aegis.verb("run", RunCommand::verb);
        instances(aegis.group("instance", "instances: VMs that stay until they are deleted"));
        images(aegis.group("image", "images: root file systems for instances"));
        Command exec = aegis.verb("exec", ExecVerbs::exec);
        exec.verb("ps", ExecVerbs::ps);
        exec.verb("kill", ExecVerbs::kill);
        aegis.verb("shell", ExecVerbs::shell);
        aegis.verb("cp", CopyCommand::verb);
        aegis.verb("logs", LogVerbs::logs);
        aegis.verb("events", LogVerbs::events);
        Command secret = aegis.group("secret", "secrets: values, stored encrypted, that instances get as variables");
        secret.verb("set", SecretVerbs::set);
        secret.verb("list", SecretVerbs::list);
        secret.verb("delete", SecretVerbs::delete);
        Command system = aegis.group("system", "what AegisVM keeps on the disk");
        system.verb("df", SystemVerbs::df);
        system.verb("prune", SystemVerbs::prune);
        Command mcp = aegis.group("mcp", "the MCP server, which offers AegisVM to a model");
        mcp.verb("install", McpVerbs::install);
        mcp.verb("uninstall", McpVerbs::uninstall);
        aegis.verb("completion", HelpVerbs::completion);
        aegis.verb("__complete", () -> HelpVerbs.complete(aegis)).hide();
        aegis.verb("version", HelpVerbs::version).aliases("--version", "-V");
        aegis.verb("help", () -> HelpVerbs.help(aegis)).aliases("--help", "-h");
        return aegis;
    }

    private static void instances(Command instance) {
        instance.verb("start", InstanceVerbs::start);
        instance.verb("list", InstanceViews::list);
        instance.verb("info", InstanceViews::info);
        instance.verb("stats", UsageVerbs::stats).aliases("stats");
        instance.verb("top", UsageVerbs::top).aliases("top");
        instance.verb("stop", InstanceVerbs::stop);
        instance.verb("disable", InstanceVerbs::disable);
        instance.verb("pause", InstanceVerbs::pause);
        instance.verb("resume", InstanceVerbs::resume);
        instance.verb("keepalive", InstanceVerbs::keepalive);
        instance.verb("delete", InstanceVerbs::delete);
        instance.verb("prune", InstanceVerbs::prune);
    }

    private static void images(Command image) {
        image.verb("pull", ImageVerbs::pull);
        image.verb("list", ImageVerbs::list);
        image.verb("delete", ImageVerbs::delete);
        image.verb("prune", ImageVerbs::prune);
        image.verb("load", ImageVerbs::load);
    }
}
