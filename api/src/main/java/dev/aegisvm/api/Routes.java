package dev.aegisvm.api;

/** Every URL of the API, once: its method, and its path with {@code {…}} where a name goes. */
public enum Routes {
    STATUS("GET", "/v1/status"),
    /** The description of all these routes; see {@code openapi.yaml}. */
    OPENAPI("GET", "/v1/openapi.json"),
    CREATE("POST", "/v1/instances"),
    LIST("GET", "/v1/instances"),
    PRUNE("POST", "/v1/instances/prune"),
    GET("GET", "/v1/instances/{id}"),
    DELETE("DELETE", "/v1/instances/{id}"),
    START("POST", "/v1/instances/{id}/start"),
    STOP("POST", "/v1/instances/{id}/stop"),
    DISABLE("POST", "/v1/instances/{id}/disable"),
    PAUSE("POST", "/v1/instances/{id}/pause"),
    RESUME("POST", "/v1/instances/{id}/resume"),
    /** How often an instance woke up, and how fast. */
    STATS("GET", "/v1/instances/{id}/stats"),
    /** Keeps an instance awake for some time. */
    KEEPALIVE("POST", "/v1/instances/{id}/keepalive"),
    RELEASE_KEEPALIVE("DELETE", "/v1/instances/{id}/keepalive"),
    /** Switches to {@code aegis-stream}: the main process of an ephemeral instance. */
    ATTACH("POST", "/v1/instances/{id}/attach"),
    /** NDJSON, or {@code aegis-stream} where the request asks for the upgrade. */
    EXEC("POST", "/v1/instances/{id}/exec"),
    /** The execs that run. */
    EXECS("GET", "/v1/instances/{id}/execs"),
    /** Kills an exec with all that it started. */
    KILL_EXEC("DELETE", "/v1/instances/{id}/execs/{exec_id}"),
    LOGS("GET", "/v1/instances/{id}/logs"),
    /** The content of a file of the guest. */
    READ_FILE("GET", "/v1/instances/{id}/files"),
    /** The body, of any size, takes a file's place. */
    WRITE_FILE("PUT", "/v1/instances/{id}/files"),
    /** NDJSON: a {@link FileView} for each entry of a directory. */
    LIST_FILES("GET", "/v1/instances/{id}/files/list"),
    STAT_FILE("GET", "/v1/instances/{id}/files/stat"),
    MAKE_DIRECTORY("POST", "/v1/instances/{id}/files/mkdir"),
    REMOVE_FILE("POST", "/v1/instances/{id}/files/remove"),
    MOVE_FILE("POST", "/v1/instances/{id}/files/move"),
    /** A file or a tree as a tar stream. */
    READ_TAR("GET", "/v1/instances/{id}/files/tar"),
    /** The body is a tar stream that is unpacked into a directory. */
    WRITE_TAR("PUT", "/v1/instances/{id}/files/tar"),
    /** NDJSON: the transitions of all instances. */
    EVENTS("GET", "/v1/events"),
    /** NDJSON: how a pull goes on; the last line has the image. */
    PULL_IMAGE("POST", "/v1/images/pull"),
    /** NDJSON, too: images from an archive. */
    LOAD_IMAGES("POST", "/v1/images/load"),
    PRUNE_IMAGES("POST", "/v1/images/prune"),
    LIST_IMAGES("GET", "/v1/images"),
    /** With the query {@code image}, a name or digest. */
    DELETE_IMAGE("DELETE", "/v1/images"),
    PUT_SECRET("PUT", "/v1/secrets/{name}"),
    LIST_SECRETS("GET", "/v1/secrets"),
    DELETE_SECRET("DELETE", "/v1/secrets/{name}");

    /** The protocol named in the headers {@code Upgrade} of request and answer. */
    public static final String STREAM_PROTOCOL = "aegis-stream";

    private final String method;
    private final String template;

    Routes(String method, String template) {
        this.method = method;
        this.template = template;
    }

    /** Whether the body is content of any size, which is read as it comes. */
    public boolean streamsBody() {
        return this == WRITE_FILE || this == WRITE_TAR;
    }

    /** The HTTP method, in capitals. */
    public String method() {
        return method;
    }

    /** The path, with {@code {id}} or {@code {name}} where a name goes. */
    public String template() {
        return template;
    }

    /** The path of a route without a name in it. */
    public String path() {
        if (template.indexOf('{') >= 0) {
            throw new IllegalArgumentException(this + " needs a name");
        }
        return template;
    }

    /** The path for as many names as it has, which the caller has checked to be made of URL-safe characters. */
    public String path(String... names) {
        String path = template;
        for (String name : names) {
            int open = path.indexOf('{');
            if (open < 0 || name.isEmpty()) {
                throw new IllegalArgumentException(this + " takes " + (open < 0 ? "no such name" : "a name"));
            }
            path = path.substring(0, open) + name + path.substring(path.indexOf('}') + 1);
        }
        return path;
    }
}
