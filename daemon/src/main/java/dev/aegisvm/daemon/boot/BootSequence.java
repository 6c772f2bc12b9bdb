package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.exec.*;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.GuestSession.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.network.GuestGateway;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.daemon.workspace.*;
import dev.aegisvm.gateway.intercept.SystemTrust;
import dev.aegisvm.guest.protocol.Gateway;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Boots an instance: from nothing to a started main process, step by step. Any failure leaves no VM behind. */
final class BootSequence {
    private static final System.Logger LOG = System.getLogger(BootSequence.class.getName());

    /** A restored guest answers at once; a booting one needs seconds, tens of them under emulation on a busy host. */
    private static final Duration RESTORED_HELLO = Duration.ofSeconds(15);

    static final Duration COLD_HELLO = Duration.ofMinutes(2);
    /** One that answers this late has a clock that is as late. */
    private static final Duration LATE = Duration.ofMillis(250);

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Boots boots;
    private final InstanceSpec spec;
    private final Boot boot;
    private final Owner owner;
    private final InstanceLog log;
    private final ForeignBudget.Share share;
    /** By which its guest reaches others; absent: it has a network of its own. */
    private final Optional<GuestGateway> gateway;

    private final CompletableFuture<Map<String, String>> secrets;

    private BootStep step = BootStep.VM;
    private @Nullable First first;

    BootSequence(Boots boots, InstanceSpec spec, Boot boot, Owner owner, PublicPorts.Caller instance) {
        this.boots = boots;
        this.spec = spec;
        this.boot = boot;
        this.owner = owner;
        this.log = boots.journal().log(spec.id());
        this.share = instance.connections().share();
        this.gateway = spec.network().isOpen()
                ? Optional.empty()
                : Optional.of(boots.gateways().open(spec, instance, log::hide));
        this.secrets = openSecrets();
    }

    LiveVm run() throws BootFailure {
        boot.ended("queue");
        GuestLink started = startVmAndSayHello(false);
        // It goes into the registry while the guest gets on.
        CompletableFuture<?> noted =
                boots.journal().store().noteVm(spec.id(), started.vm().process());
        try {
            First asked = Objects.requireNonNull(first);
            mount(asked);
            identify(asked);
            copyWorkspace(started.session());
            if (owner.waits()) {
                boots.vmm().toTell().forEach(owner.client()::note);
            }
            LiveVm live = runMain(started, asked);
            var _ = noted.join();
            boot.complete(boots.journal().counters());
            started.vm().origin().started().run();
            return live;
        } catch (GuestException refusal) {
            ErrorCode code = ProcessSpecs.codeOf(refusal, ErrorCode.BOOT_FAILED);
            throw failed(
                    started, code, ProcessSpecs.refusal(code, spec.environment().command(), refusal), refusal);
        } catch (ApiException unreadable) {
            throw failed(
                    started,
                    ErrorCode.SECRET_UNREADABLE,
                    sentence(unreadable, unreadable.error().hint()),
                    unreadable);
        } catch (CompletionException | IOException obstacle) {
            throw failed(started, ErrorCode.BOOT_FAILED, obstacle.getMessage(), obstacle);
        }
    }

    /** A guest that was restored and does not answer is given up, and its template with it: once more, then. */
    private GuestLink startVmAndSayHello(boolean again) throws BootFailure {
        Vm vm = startVm();
        try {
            return hello(vm);
        } catch (IOException silent) {
            BootFailure failure = failure(vm, ErrorCode.BOOT_FAILED, silent.getMessage(), silent);
            // What goes on from a saved machine has one try: its disk has changed since.
            boolean only = again
                    || vm.origin().mode() == Origin.Mode.COLD
                    || boot.resume().isPresent();
            if (only || boot.aborted()) {
                throw failure;
            }
            LOG.log(Level.WARNING, "instance=" + spec.id() + " starting a second time: " + failure.getMessage());
            vm.origin().distrust().accept("the guest did not answer: " + silent.getMessage());
        }
        return startVmAndSayHello(true);
    }

    private Vm startVm() throws BootFailure {
        step = BootStep.VM;
        try {
            boots.places().prepare(spec.id());
            boot.ended("prepare");
            Vm vm = boots.startVm(spec, boot.resume(), boot::ended, this::notice);
            vm.origin().fallbackReason().ifPresent(reason -> log.system("full boot of the kernel, because " + reason));
            if (!boot.took(vm)) {
                throw failure(vm, ErrorCode.WRONG_STATE, "aborted", new CancellationException());
            }
            return vm;
        } catch (VmmException obstacle) {
            throw failure(ErrorCode.BOOT_FAILED, sentence(obstacle, obstacle.hint()), obstacle);
        } catch (ApiException noImage) {
            throw failure(
                    ErrorCode.BOOT_FAILED, sentence(noImage, noImage.error().hint()), noImage);
        } catch (IOException obstacle) {
            throw failure(ErrorCode.BOOT_FAILED, HostError.text(obstacle), obstacle);
        }
    }

    /** Something happened to the running VM that its user should know of. */
    private void notice(String what) {
        LOG.log(Level.WARNING, "instance=" + spec.id() + " " + what);
        log.system(what);
    }

    private GuestLink hello(Vm vm) throws IOException {
        step = BootStep.HELLO;
        Duration limit = vm.origin().mode() == Origin.Mode.COLD ? COLD_HELLO : RESTORED_HELLO;
        if (gateway.isPresent() && boot.resume().isPresent()) {
            gateway.get().remember(Files.readAllLines(boot.resume().get().resolve(LiveVm.NAMES)));
        }
        Gateway outside = gateway.isPresent() ? gateway.get() : () -> share;
        long asked = System.nanoTime();
        GuestLink link = GuestLink.open(vm, limit, outside, guest -> first = ask(vm, guest), this::notice);
        if (System.nanoTime() - asked > LATE.toNanos() && vm.origin().mode() != Origin.Mode.COLD) {
            link.session().clock(Instant.now());
        }
        done();
        return link;
    }

    /** All that a start needs of the guest and that no answer of it has a part in, so that it is asked once. */
    private First ask(Vm vm, GuestSession guest) {
        GuestDevices devices = vm.capabilities().devices();
        List<GuestMount> shares = spec.mounts().shared().stream()
                .map(mount -> new GuestMount(mount.guestPath(), mount.source().readOnly()))
                .toList();
        List<Asked<?>> mounts = new ArrayList<>();
        if (!vm.origin().rootMounted()) {
            mounts.add(guest.mount(devices));
        }
        if (!shares.isEmpty()) {
            mounts.add(guest.share(devices.shares(), shares));
        }
        Asked<?> identity = guest.identify(spec.hostname(), vm.network(), gateway.isPresent());
        boolean filesFirst = trusts() || toCopy().isPresent();
        return new First(mounts, identity, filesFirst ? Optional.empty() : mainAtOnce(guest));
    }

    /** None where its secrets are not open yet; what prevents it is told when its turn comes. */
    private Optional<Asked<GuestProcess>> mainAtOnce(GuestSession guest) {
        if (secrets.state() != Future.State.SUCCESS) {
            return Optional.empty();
        }
        try {
            return Optional.of(askMain(guest, secrets.resultNow()));
        } catch (ApiException invalid) {
            return Optional.empty();
        }
    }

    private Asked<GuestProcess> askMain(GuestSession guest, Map<String, String> values) {
        return boot.resume().isPresent() ? guest.adopt() : guest.start(ProcessSpecs.main(spec, values));
    }

    private void mount(First asked) throws GuestException {
        step = BootStep.MOUNT;
        for (Asked<?> mount : asked.mounts()) {
            mount.await();
        }
        if (!asked.mounts().isEmpty()) {
            done();
        }
    }

    private void identify(First asked) throws GuestException {
        step = BootStep.IDENTIFY;
        asked.identity().await();
        done();
    }

    /** Once in its life: from then on the copy is on its disk. A guest that was saved with a share there has left it by now. */
    private Optional<Workspace> toCopy() {
        return spec.mounts().workspace().filter(workspace -> workspace.isCopy() && !copied().isThere());
    }

    private CopiedTree copied() {
        return CopiedTree.in(boots.places().directory().apply(spec.id()));
    }

    private void copyWorkspace(GuestSession guest) throws IOException {
        Optional<Workspace> wanted = toCopy();
        if (wanted.isEmpty()) {
            return;
        }
        Path source = boots.workspaces().share(wanted.get()).directory();
        boolean onlyGit = wanted.get().access() == Workspace.Access.COPY_GIT;
        CopyView copied = new WorkspaceCopy(source, onlyGit, log::system)
                .copy(guest, new GuestPath(Workspace.GUEST_PATH), copied());
        log.system("copied " + source + " to " + Workspace.GUEST_PATH + ": " + copied.files() + " files, "
                + copied.bytes() + " bytes");
        step = BootStep.MOUNT;
        done();
    }

    private LiveVm runMain(GuestLink started, First asked) throws IOException {
        step = BootStep.RUN;
        Map<String, String> values = new LinkedHashMap<>(trust(started));
        values.putAll(Answers.await(secrets));
        Optional<Asked<GuestProcess>> begun = asked.main();
        GuestProcess main = (begun.isPresent() ? begun.get() : askMain(started.session(), values)).await();
        done();
        owner.client().started(main);
        CompletableFuture<Void> output = ProcessPump.start(main, log, null, owner.client());
        Outgoing outgoing = gateway.isPresent() ? gateway.get() : Outgoing.NONE;
        return new LiveVm(started, outgoing, new LiveVm.Main(main, output, values));
    }

    private boolean trusts() {
        return !spec.secrets().bound().isEmpty() || spec.environment().trustHostCas();
    }

    /** Programs that send placeholders meet certificates of ours; by these variables they find whom to trust. */
    private Map<String, String> trust(GuestLink started) throws IOException {
        List<String> authorities = new ArrayList<>();
        if (!spec.secrets().bound().isEmpty()) {
            authorities.add(boots.gateways().door().authority().pem());
        }
        if (spec.environment().trustHostCas()) {
            authorities.addAll(SystemTrust.added());
        }
        if (authorities.isEmpty()) {
            return Map.of();
        }
        return GuestTrust.give(started.session().files(Optional.empty()), authorities, ProcessSpecs.javaHome(spec));
    }

    private static String sentence(Exception obstacle, @Nullable String hint) {
        return obstacle.getMessage() + (hint == null || hint.isEmpty() ? "" : " (" + hint + ")");
    }

    /** The secrets are decrypted while the VM starts. */
    private CompletableFuture<Map<String, String>> openSecrets() {
        Map<String, String> all = new LinkedHashMap<>();
        spec.secrets().bound().forEach(secret -> all.put(secret.name(), secret.placeholder()));
        if (all.isEmpty() && spec.secrets().given().isEmpty()) {
            return CompletableFuture.completedFuture(all);
        }
        return Task.call("secrets", () -> {
            Map<String, String> values = boots.secrets().open(spec.secrets().given());
            log.hide(values.values());
            gateway.ifPresent(GuestGateway::learnValues);
            all.putAll(values);
            return all;
        });
    }

    private void done() {
        double millis = boot.ended(step.label());
        LOG.log(Level.DEBUG, () -> "instance=" + spec.id() + " boot=" + step.numbered() + " ms=" + millis);
    }

    private BootFailure failed(GuestLink started, ErrorCode code, @Nullable String message, Exception cause) {
        BootFailure failure = failure(started.vm(), code, message, cause);
        started.close();
        return failure;
    }

    /** Ends what there is of the VM. A guest that died by itself says why, and that is the better explanation. */
    private BootFailure failure(Vm vm, ErrorCode code, @Nullable String message, Exception cause) {
        boolean unasked = code == ErrorCode.BOOT_FAILED && !boot.aborted();
        Optional<VmExit> own = unasked ? vm.exit(LAST_WORDS) : Optional.empty();
        LiveVm.end(vm);
        own.ifPresent(exit -> exit.consoleTail().forEach(line -> log.system("console: " + line)));
        return failure(code, own.map(VmExit::reason).orElse(message), cause);
    }

    private BootFailure failure(ErrorCode code, @Nullable String message, @Nullable Exception cause) {
        String what = message == null ? String.valueOf(cause) : message;
        boolean callers = code.status() < 500 && code != ErrorCode.WRONG_STATE;
        return new BootFailure(code, callers ? what : "boot step " + step.numbered() + ": " + what, cause);
    }

    /** What the guest was asked for first. Where it refuses a part of it, it does not start the main process. */
    private record First(List<Asked<?>> mounts, Asked<?> identity, Optional<Asked<GuestProcess>> main) {}

    /** The steps of a boot, in order. Their names are those of the metrics and of the log lines. */
    private enum BootStep {
        /** The hypervisor starts the VM; its own stages are listed in place of this one. */
        VM,
        HELLO,
        /** The guest mounts its root file system, unless it woke up with it. */
        MOUNT,
        /** The guest gets entropy, clock, name and network. */
        IDENTIFY,
        RUN;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** "3/5 mount". */
        String numbered() {
            return EnumSet.range(VM, this).size() + "/" + values().length + " " + label();
        }
    }

    /** A boot that came to nothing; no VM is left. */
    static final class BootFailure extends Exception {
        private final ErrorCode code;

        BootFailure(ErrorCode code, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.code = code;
        }

        ErrorCode code() {
            return code;
        }
    }
}
