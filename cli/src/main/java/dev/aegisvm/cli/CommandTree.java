package dev.aegisvm.cli;

import dev.aegisvm.cli.copy.FileVerbs;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.verbs.*;

/** The commands, in the order of the help. */
final class CommandTree {
    private CommandTree() {}

    static Command root() {
        Command aegis =
                Command.root("aegis", "AegisVM runs commands in microVMs", "aegis run -- echo \"hello from aegisvm\"");
        aegis.absent(
                "build", "buildah or docker builds images, and `aegis image load FILE` loads them (see IMAGES.md)");
        aegis.heading("Run and look");
        aegis.verb("run", StartVerbs::run);
        Command exec = aegis.verb("exec", ExecVerbs::exec);
        exec.verb("ps", ExecVerbs::ps);
        exec.verb("attach", ExecVerbs::attach);
        exec.verb("kill", ExecVerbs::kill);
        aegis.verb("shell", ExecVerbs::shell);
        aegis.verb("ps", InstanceViews::ps).aliases("ls");
        aegis.verb("logs", LogVerbs::logs).calledElsewhere("attach");
        aegis.verb("events", LogVerbs::events);
        aegis.heading("Instances");
        instances(aegis.group("instance", "instances: VMs that stay until they are deleted"));
        aegis.verb("inspect", InstanceViews::inspect);
        aegis.verb("rm", InstanceVerbs::remove);
        aegis.heading("Files and images");
        aegis.verb("cp", FileVerbs::copy);
        aegis.verb("diff", FileVerbs::diff);
        images(aegis.group("image", "images: root file systems for instances"));
        aegis.heading("Snapshots");
        snapshots(aegis.group("snapshot", "snapshots: moments of instances that are kept"));
        aegis.verb("fork", SnapshotVerbs::fork);
        aegis.verb("rewind", SnapshotVerbs::rewind);
        aegis.heading("Network and secrets");
        networks(aegis.group("network", "what instances may reach, and what they reached"));
        Command secret = aegis.group("secret", "secrets: values, stored encrypted, that instances get as variables");
        secret.verb("set", SecretVerbs::set);
        secret.verb("list", SecretVerbs::list).calledElsewhere("ls");
        secret.verb("delete", SecretVerbs::delete).calledElsewhere("rm", "remove");
        aegis.heading("System");
        system(aegis);
        return aegis;
    }

    private static void system(Command aegis) {
        aegis.verb("up", SystemVerbs::up);
        aegis.verb("down", SystemVerbs::down);
        aegis.verb("status", SystemVerbs::status);
        aegis.verb("doctor", SystemVerbs::doctor);
        Command system = aegis.group("system", "what AegisVM keeps on the disk");
        system.verb("df", SystemVerbs::df);
        system.verb("prune", SystemVerbs::prune);
        Command mcp = aegis.group("mcp", "the MCP server, which offers AegisVM to a model");
        mcp.verb("install", McpVerbs::install);
        mcp.verb("uninstall", McpVerbs::uninstall);
        aegis.verb("completion", HelpVerbs::completion);
        aegis.verb("__complete", () -> HelpVerbs.complete(aegis));
        aegis.verb("version", HelpVerbs::version).aliases("--version", "-V", "-v");
        aegis.verb("help", () -> HelpVerbs.help(aegis)).aliases("--help", "-h");
    }

    private static void instances(Command instance) {
        instance.verb("start", StartVerbs::start).aliases("start").calledElsewhere("create");
        instance.verb("list", InstanceViews::list).calledElsewhere("ls", "ps");
        instance.verb("info", InstanceViews::info);
        instance.verb("port", PortVerbs::port).aliases("port");
        instance.verb("expose", PortVerbs::expose);
        instance.verb("unexpose", PortVerbs::unexpose);
        instance.verb("stats", UsageVerbs::stats).aliases("stats");
        instance.verb("top", UsageVerbs::top).aliases("top");
        instance.verb("wait", InstanceVerbs::await).aliases("wait");
        instance.verb("stop", InstanceVerbs::stop).aliases("stop");
        instance.verb("restart", StartVerbs::restart).aliases("restart");
        instance.verb("kill", InstanceVerbs::kill).aliases("kill");
        instance.verb("disable", InstanceVerbs::disable);
        instance.verb("pause", InstanceVerbs::pause);
        instance.verb("resume", InstanceVerbs::resume).calledElsewhere("unpause");
        instance.verb("keepalive", InstanceVerbs::keepalive);
        instance.verb("rename", InstanceVerbs::rename).aliases("rename");
        instance.verb("delete", InstanceVerbs::delete).calledElsewhere("rm", "remove");
        instance.verb("prune", InstanceVerbs::prune);
    }

    private static void networks(Command network) {
        network.verb("show", NetworkVerbs::show);
        network.verb("allow", NetworkVerbs::allow);
        network.verb("deny", NetworkVerbs::deny);
        network.verb("apply", NetworkVerbs::apply);
        network.verb("test", NetworkVerbs::test);
        network.verb("log", NetworkVerbs::log);
    }

    private static void snapshots(Command snapshot) {
        snapshot.verb("create", SnapshotVerbs::create);
        snapshot.verb("list", SnapshotVerbs::list).calledElsewhere("ls");
        snapshot.verb("info", SnapshotVerbs::info);
        snapshot.verb("delete", SnapshotVerbs::delete).calledElsewhere("rm", "remove");
        snapshot.verb("prune", SnapshotVerbs::prune);
        snapshot.verb("export", SnapshotVerbs::export);
        snapshot.verb("import", SnapshotVerbs::load);
    }

    private static void images(Command image) {
        image.verb("pull", ImageVerbs::pull).aliases("pull");
        image.verb("list", ImageVerbs::list).aliases("images").calledElsewhere("ls");
        image.verb("delete", ImageVerbs::delete).aliases("rmi").calledElsewhere("rm", "remove");
        image.verb("prune", ImageVerbs::prune);
        image.verb("load", ImageVerbs::load).aliases("load");
        image.verb("save", ImageVerbs::save).calledElsewhere("commit");
    }
}
