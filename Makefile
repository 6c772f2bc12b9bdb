# AegisVM: `make check` is the one command before a commit, `make check-all` the one before a release. Each target does only what
# is missing.
.POSIX:
.SUFFIXES:

# Where this is not Debian 13 or newer, recipes run in a Debian 13 root file system.
ifneq ($(shell . scripts/host.sh; is_debian_13 / && echo yes),yes)
$(if $(filter install,$(MAKECMDGOALS)),$(error `make install` needs Debian 13: install the archive that `make dist` puts into ./dist))
SHELL = scripts/in-debian13 /bin/sh
help: SHELL = /bin/sh
endif

PREFIX = /usr/local
DESTDIR =
# How long `make fuzz` works on each parser.
SECONDS = 20
# How many instances `make soak` makes, and how long it wakes them.
SOAK_INSTANCES = 100
SOAK_MINUTES = 10

# The system's Maven, on a JDK that can compile us; says little unless QUIET is empty.
QUIET = -q
MVN = JAVA_HOME=$$(scripts/find-jdk) mvn -B $(QUIET)
# Scripts that shellcheck reads.
SCRIPTS = aegis .ci/run scripts/setup scripts/first-use scripts/find-jdk scripts/prepare-guest scripts/assemble \
    scripts/train scripts/forget-moved-classes examples/race.sh scripts/install scripts/uninstall scripts/version scripts/fuzz scripts/test-report scripts/check-host \
    scripts/host.sh scripts/in-debian13 scripts/check-arm64 scripts/progress.sh scripts/demo \
    packaging/dist packaging/own-runtime packaging/documents packaging/licences packaging/guest packaging/make-ready \
    packaging/activate packaging/*/p* guest/kernel/build guest/kernel/fetch guest/initramfs/build guest/base/build \
    guest/harness/tests/as-pid-1 guest/harness/tests/check-layers host/jail/tests/check testkit/outer/build \
    testkit/outer/boot testkit/outer/init bench/src/main/resources/dev/aegisvm/bench/*.sh

help:
	@echo "make setup | all | prepare | kernel | image-full | install PREFIX=... | uninstall PREFIX=... | dist | test | integration [SHORT=1] | integration-kvm [SHORT=1] | check | check-all | stress | fuzz [SECONDS=20] | bench [BENCH=\"--only run,exec\"] | soak [SOAK_INSTANCES=100] [SOAK_MINUTES=10] | fmt | demo | clean"

# Installs the Debian packages that are missing.
setup:
	@scripts/setup

# The programs, in ./bin, the harness that runs in every VM, the jail around it, and what they hear signals by. A second make of a checkout waits for the first.
all:
	@flock -o scripts $(MAKE) --no-print-directory built

built: harness jail jars
	@scripts/assemble bin

jars:
	@rm -rf cli/target/lib daemon/target/lib mcp/target/lib
	@scripts/forget-moved-classes
	@$(MVN) -Dmaven.test.skip=true package -pl cli,daemon,mcp

harness:
	@$(MAKE) -s -C guest/harness

jail:
	@$(MAKE) -s -C host/jail
	@$(MAKE) -s -C host/signals

# Kernel, initramfs and base image, in the cache.
prepare: harness
	@scripts/prepare-guest

# Our own kernel, built in the cache; guests have it from then on. `AEGIS_KERNEL=debian make prepare` takes Debian's again.
kernel: harness
	@scripts/setup --kernel
	@AEGIS_KERNEL=own scripts/prepare-guest

# The image aegis:full, in the cache, beside the rest of the guest.
image-full: harness
	@scripts/prepare-guest --full

# Puts the programs on the PATH: PREFIX/bin, and the rest in PREFIX/lib/aegisvm.
install: all
	@scripts/install "$(DESTDIR)$(PREFIX)"

# Removes what install has put there.
uninstall:
	@scripts/uninstall "$(DESTDIR)$(PREFIX)"

# Packages of this commit, in ./dist.
dist: all
	@scripts/setup --dist
	@packaging/dist

# No VM; fast.
test: jail
	@$(MVN) test
	@scripts/test-report
	@$(MAKE) -s c-tests

# Compiled again, since a warning is no error in a user's build.
c-tests:
	@$(MAKE) -s -B -C guest/harness WERROR=-Werror >/dev/null
	@$(MAKE) -s -B -C host/jail WERROR=-Werror >/dev/null
	@$(MAKE) -s -B -C host/signals WERROR=-Werror >/dev/null
	@scripts/test-report guest/harness $(MAKE) -s -C guest/harness WERROR=-Werror check
	@scripts/test-report host/jail $(MAKE) -s -C host/jail check

# Real VMs. SHORT=1 leaves out the slow ones.
integration: all image-full
	@$(MAKE) -s vm-tests

vm-tests:
	@$(SCENARIOS) -DexcludedGroups="$${SHORT:+slow | }$(UNFIT)" $(TESTS)
	@scripts/test-report

# Programs that have no start-up caches yet start more slowly, and make them meanwhile.
SCENARIOS = scripts/train bin && $(MVN) -Pintegration
TESTS = test -pl e2e -am
# The tag of tests that this user cannot run; for root one that no test has.
UNFIT = $$([ "$$(id -u)" -eq 0 ] && echo none || echo only-root)

# The same with KVM, in an outer VM that emulates it. SHORT=1: only that KVM is chosen, and what an instance can do.
integration-kvm: all prepare
	@$(MAKE) -s kvm-tests

kvm-tests:
	@testkit/outer/build >/dev/null
	@$(SCENARIOS) -Dgroups=outer $${SHORT:+-DexcludedGroups=slow} -Dtest.forks=1 $(TESTS)
	@scripts/test-report

# What takes too long for every day, an hour at most; prints what was there before and after.
stress: all prepare
	@$(SCENARIOS) -Dgroups=stress -Dtest.forks=1 -Daegis.crashes=10 $(TESTS)
	@scripts/test-report
	@cat e2e/target/surefire-reports/dev.aegisvm.e2e.StressTest-output.txt

# Searches each parser of foreign bytes for inputs that break it, for so many seconds each; `make check` does little of that.
fuzz: harness
	@scripts/fuzz $(SECONDS)

# What a commit needs, in a quarter of an hour: static checks, all tests without a VM, the scenarios that protect most.
check:
	@scripts/setup --checks
	shellcheck -x $(SCRIPTS)
	@$(MAKE) -s all prepare
	@: Everything is compiled again, with the checks of the compiler, which are no part of a build.
	@find . -path '*/target/maven-status/*' -name inputFiles.lst -delete
	@$(MVN) -Pchecks $(WARNINGS) -Dtest.forks=2 verify
	@: They change no class file, so the build has the same id. This shows it where the build before was one without them.
	@built=$$(cat bin/aegisd); scripts/assemble bin; [ "$$built" = "$$(cat bin/aegisd)" ] || \
	    { echo "the profile checks changes class files: its build has another id than that of make all" >&2; exit 1; }
	@scripts/test-report
	@$(MAKE) -s c-tests
	@$(SCENARIOS) -DexcludedGroups='slow | check-all' $(TESTS)
	@scripts/test-report
	@find . -path '*/src/main/*' -name '*.java' -exec cat -n {} \; | awk '$$1 == 1 && n { print n } { n = $$1 } END { print n }' | \
	    sort -n | awk '{ n[NR] = $$1 } END { print "Java files: " NR ", median " n[int((NR + 1) / 2)] " lines, longest " n[NR] }'

# Shows the warnings of the compiler, each of which is an error there.
WARNINGS = -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.compiler=warn

# Everything, in an hour and a half the first time.
check-all: check check-rest

# What `make check` leaves out: the C programs on arm64; the other scenarios, with our own kernel; what depends on the kernel or on the user, again, with each
# kernel; KVM; packages. Afterwards guests have our own kernel.
check-rest:
	@scripts/setup --checks
	@$(MAKE) -s all kernel image-full
	@scripts/test-report arm64 scripts/check-arm64
	@$(SCENARIOS) -Dgroups='vm & (slow | check-all | kernel | root)' -DexcludedGroups="$(UNFIT)" $(TESTS)
	@scripts/test-report
	@AEGIS_KERNEL=debian scripts/prepare-guest
	@$(SCENARIOS) -Dgroups='vm & kernel' -DexcludedGroups=slow $(TESTS); \
	    status=$$?; AEGIS_KERNEL=own scripts/prepare-guest; exit $$status
	@scripts/test-report
	@$(MAKE) -s kvm-tests SHORT=1

# Measurements, and docs/PERFORMANCE.md; see bench/.
bench: bench-jars
	@$(MEASURE) $(BENCH)
	@$(DRAW)

# Many instances at once, woken at random, until all are gone again; see bench/.
soak: bench-jars
	@$(MEASURE) --only soak --instances $(SOAK_INSTANCES) --minutes $(SOAK_MINUTES) $(BENCH)
	@$(DRAW)

MEASURE = timeout --foreground 3h "$$(scripts/find-jdk)/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "bench/target/*:bench/target/lib/*" dev.aegisvm.bench.Main
# The plots of which the bench has written data, when it has made docs/PERFORMANCE.md.
DRAW = for data in bench/target/plots/*; do \
    [ ! -e "$$data" ] || gnuplot -c bench/plots.gp "$$data" "docs/performance/$${data\#\#*/}.svg" || exit; rm -f "$$data"; done

bench-jars: all prepare
	@scripts/setup --checks
	@scripts/train bin
	@rm -rf bench/target/lib bench/target/*.jar
	@$(MVN) -Dmaven.test.skip=true package -pl bench

# Records the session of docs/DEMO.md into docs/demo.svg.
demo: all prepare
	@scripts/demo

# Formats the Java code.
fmt:
	@$(MVN) spotless:apply

# What a process still uses of ./bin stays.
clean:
	@scripts/assemble --clean bin
	rm -rf dist target api/target host/target guest/protocol/target vmm/target image/target gateway/target client/target cli/target mcp/target daemon/target e2e/target bench/target testkit/target
	@if [ -e guest/harness/Makefile ]; then $(MAKE) -s -C guest/harness clean; fi
	@if [ -e host/jail/Makefile ]; then $(MAKE) -s -C host/jail clean; fi
	@if [ -e host/signals/Makefile ]; then $(MAKE) -s -C host/signals clean; fi

.PHONY: help setup all built jars harness jail prepare kernel image-full install uninstall dist test c-tests integration vm-tests integration-kvm kvm-tests check check-all check-rest stress fuzz bench soak bench-jars fmt demo clean
