package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.testkit.TestWorld;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A {@link TestWorld} that ends with the test class, after what was registered later. */
record SmallWorld(TestWorld world) implements AfterAllCallback {
    static SmallWorld create() {
        try {
            return new SmallWorld(TestWorld.create(Path.of("..")));
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /** What to put before a command line so that it runs on the host of this world. */
    List<String> entrance() {
        return world.entrance();
    }

    /** Whom to trust that its servers are what they say. */
    String authority() {
        return world.directory().resolve("authority.pem").toString();
    }

    /** The last request that its HTTPS server got: {@code X-Api-Key} and {@code Authorization}. */
    String lastSeen() throws IOException {
        return Files.readAllLines(world.directory().resolve("seen")).getLast();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        world.close();
    }
}
