package dev.aegisvm.e2e;

import module java.base;

/** Programs in guests of a home that connect to somewhere. */
record GuestNetwork(HomeFixture home) {
    /** Runs a command in a new guest with these options of {@code aegis run}. */
    HomeFixture.Result run(String options, String... command) {
        return aegis("run " + options + " --", command);
    }

    /** Starts an instance that sleeps. */
    void start(String name, String options) {
        serve(name, options, "sleep infinity");
    }

    /** Starts an instance whose main process is a shell command line. */
    void serve(String name, String options, String line) {
        aegis("run -d --name " + name + " " + options + " -- sh -c", line).ok();
    }

    HomeFixture.Result exec(String instance, String... command) {
        return aegis("exec " + instance + " --", command);
    }

    HomeFixture.Result curl(String instance, String... arguments) {
        return aegis("exec " + instance + " -- curl -sS -m 60", arguments);
    }

    HomeFixture.Result python(String instance, String script) {
        return exec(instance, "python3", "-c", script);
    }

    private HomeFixture.Result aegis(String words, String... more) {
        return home.aegis(
                Stream.concat(Stream.of(words.split(" ", -1)), Stream.of(more)).toArray(String[]::new));
    }
}
