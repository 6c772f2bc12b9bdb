CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL
) STRICT;

CREATE TABLE instance (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
CREATE TABLE snapshot (id TEXT PRIMARY KEY, taken_at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;

INSERT INTO instance VALUES ('inst-00000000000a', 1700000000001, '{"spec":{"id":"inst-00000000000a","handle":"box",
  "created_at":"2023-11-14T22:13:20.001Z","size":{"memory_mb":1024,"vcpus":2,"disk_mb":64},
  "environment":{"command":["sh","-c","echo \"a b\""],"env":{"A":"1=2"},"trust_host_cas":false},
  "secrets":{"given":[],"bound":[]},"exposes":[],"network":{"mode":"open","allow":[],"deny":[]},
  "mounts":{"volumes":[]},"life":{"kind":"stays"},"idle":{},"labels":{}},
  "enabled":false,"last_active_at":"2023-11-14T22:13:20.002Z","stopped_at":"2023-11-14T22:13:20.003Z",
  "exit_code":7,"stop_reason":"process exited (code=7)"}');
INSERT INTO instance VALUES ('inst-00000000000b', 1700000000004, '{"spec":{"id":"inst-00000000000b",
  "created_at":"2023-11-14T22:13:20.004Z","size":{"memory_mb":512,"vcpus":1,"disk_mb":8192},
  "environment":{"command":["top"],"env":{},"trust_host_cas":false},
  "secrets":{"given":[],"bound":[]},"exposes":[],"network":{"mode":"open","allow":[],"deny":[]},
  "mounts":{"volumes":[]},"life":{"kind":"of_client","tty":{"rows":24,"cols":80}},"idle":{},"labels":{}},
  "enabled":true,"last_active_at":"2023-11-14T22:13:20.005Z","vm":{"pid":4711,"startTicks":123456,"bootId":"a-boot"}}');

PRAGMA user_version = 12;
