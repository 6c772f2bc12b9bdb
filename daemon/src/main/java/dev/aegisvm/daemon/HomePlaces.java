package dev.aegisvm.daemon;

import dev.aegisvm.daemon.boot.Places;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of instances, where the home has them. */
final class HomePlaces implements Places {
    private final Home home;

    HomePlaces(Home home) {
        this.home = home;
    }

    @Override
    public Path disk(String id) {
        return home.disk(id);
    }

    @Override
    public Path runDirectory(String id) {
        return home.runDirectory(id);
    }

    @Override
    public void prepare(String id) throws IOException {
        Files.createDirectories(home.instance(id));
        PrivateDirectory.remove(home.runDirectory(id));
        Files.createDirectory(home.runDirectory(id));
    }

    @Override
    public void forgetVm(String id) throws IOException {
        PrivateDirectory.remove(home.runDirectory(id));
    }

    @Override
    public void remove(String id) throws IOException {
        PrivateDirectory.remove(home.runDirectory(id));
        PrivateDirectory.remove(home.instance(id));
    }
}
