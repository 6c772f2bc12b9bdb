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

    /** A new home, whose programs run on the host of this world. */
    HomeFixture home() {
        HomeFixture made = HomeFixture.create();
        try {
            world.takeIn(made.home);
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
        return made;
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
