package dev.aegisvm.daemon.boot;

import java.io.IOException;
import java.nio.file.Path;

/** Where the files of an instance are. */
public interface Places {
    /** Its own disk; the directory around it exists after {@link #prepare}. */
    Path disk(String id);

    /** An empty directory for the sockets of its VM, after {@link #prepare}. */
    Path runDirectory(String id);

    /** Makes both directories, the second one empty. */
    void prepare(String id) throws IOException;

    /** Removes the sockets; the disk stays. */
    void forgetVm(String id) throws IOException;

    /** Removes all files of the instance but its logs. */
    void remove(String id) throws IOException;
}
