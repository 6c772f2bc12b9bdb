package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.host.Program;
import java.lang.System.Logger.Level;

/** Which hosts the package managers of this host ask, as they say themselves: they fill presets that name none. */
final class PackageHosts {
    private static final System.Logger LOG = System.getLogger(PackageHosts.class.getName());
    private static final Pattern URL = Pattern.compile("\\bhttps?://([A-Za-z0-9.-]+)");
    private static final Map<String, List<String>> COMMANDS = Map.of(
            "@npm", List.of("npm", "config", "get", "registry"),
            "@debian", List.of("apt-get", "indextargets", "--format", "$(SITE)"),
            "@pypi",
                    List.of(
                            "python3",
                            "-c",
                            "from pip._internal.models.index import PyPI as i; print(i.url, 'https://' + i.file_storage_domain)"));

    private PackageHosts() {}

    /** Takes as long as the program does. Nothing where it is not installed, or fails. */
    static List<String> of(String preset) {
        List<String> command = COMMANDS.get(preset);
        if (command == null) {
            return List.of();
        }
        try {
            return URL.matcher(Program.run(command))
                    .results()
                    .map(found -> found.group(1))
                    .distinct()
                    .toList();
        } catch (IOException obstacle) {
            LOG.log(Level.INFO, preset + " is empty: " + obstacle.getMessage());
            return List.of();
        }
    }
}
