CREATE TABLE instance (
  id TEXT PRIMARY KEY,
  handle TEXT UNIQUE,
  command TEXT NOT NULL,
  env TEXT NOT NULL,
  memory_mb INTEGER NOT NULL,
  vcpus INTEGER NOT NULL,
  disk_mb INTEGER NOT NULL,
  ephemeral INTEGER NOT NULL,
  tty_rows INTEGER,
  tty_cols INTEGER,
  created_at INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  last_active_at INTEGER NOT NULL,
  stopped_at INTEGER,
  exit_code INTEGER,
  stop_reason TEXT,
  vm_pid INTEGER,
  vm_start_ticks INTEGER,
  vm_boot_id TEXT
, secrets TEXT NOT NULL DEFAULT '[]', exposes TEXT NOT NULL DEFAULT '[]', idle_pause TEXT, idle_stop TEXT, workspace TEXT, image TEXT, volumes TEXT NOT NULL DEFAULT '[]', cwd TEXT, user TEXT, timeout_ms INTEGER, auto_remove INTEGER NOT NULL DEFAULT 0, expires_at INTEGER, labels TEXT NOT NULL DEFAULT '{}', network TEXT NOT NULL DEFAULT 'open', allow TEXT NOT NULL DEFAULT '[]', deny TEXT NOT NULL DEFAULT '[]', network_rate INTEGER, trust_host_cas INTEGER NOT NULL DEFAULT 0, bound_secrets TEXT NOT NULL DEFAULT '{}') STRICT;

CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL
) STRICT;

INSERT INTO instance VALUES ('inst-00000000000a', 'box', '["sh","-c","echo \"a b\""]', '{"A":"1=2"}', 1024, 2, 64, 0,
  NULL, NULL, 1700000000001, 0, 1700000000002, 1700000000003, 7, 'process exited (code=7)', NULL, NULL, NULL, '[]', '[]', NULL, NULL, NULL, NULL, '[]', NULL, NULL, NULL, 0, NULL, '{}', 'open', '[]', '[]', NULL, 0, '{}');
INSERT INTO instance VALUES ('inst-00000000000b', NULL, '["top"]', '{}', 512, 1, 8192, 1,
  24, 80, 1700000000004, 1, 1700000000005, NULL, NULL, NULL, 4711, 123456, 'a-boot', '[]', '[]', NULL, NULL, NULL, NULL, '[]', NULL, NULL, NULL, 0, NULL, '{}', 'open', '[]', '[]', NULL, 0, '{}');

CREATE TABLE snapshot(
  id TEXT,
  handle TEXT,
  command TEXT,
  env TEXT,
  memory_mb INT,
  vcpus INT,
  disk_mb INT,
  ephemeral INT,
  tty_rows INT,
  tty_cols INT,
  created_at INT,
  enabled INT,
  last_active_at INT,
  stopped_at INT,
  exit_code INT,
  stop_reason TEXT,
  vm_pid INT,
  vm_start_ticks INT,
  vm_boot_id TEXT,
  secrets TEXT,
  exposes TEXT,
  idle_pause TEXT,
  idle_stop TEXT,
  workspace TEXT,
  image TEXT,
  volumes TEXT,
  cwd TEXT,
  user TEXT,
  timeout_ms INT,
  auto_remove INT,
  expires_at INT,
  labels TEXT,
  network TEXT,
  allow TEXT,
  deny TEXT,
  network_rate INT,
  trust_host_cas INT,
  bound_secrets TEXT
, snapshot_id TEXT, name TEXT, note TEXT, memory INTEGER, with_secrets INTEGER, taken_at INTEGER);

PRAGMA user_version = 10;
