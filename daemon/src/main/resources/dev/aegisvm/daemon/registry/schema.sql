-- The versions of the registry. Each step leads to the next one; a line of === is between two. Never edit a step that was released.
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
) STRICT;
===
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  sealed TEXT NOT NULL
) STRICT;
ALTER TABLE instance ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';
===
ALTER TABLE instance ADD COLUMN exposes TEXT NOT NULL DEFAULT '[]';
===
ALTER TABLE instance ADD COLUMN idle_pause TEXT;
ALTER TABLE instance ADD COLUMN idle_stop TEXT;
===
ALTER TABLE instance ADD COLUMN workspace TEXT;
===
ALTER TABLE instance ADD COLUMN image TEXT;
===
ALTER TABLE instance ADD COLUMN volumes TEXT NOT NULL DEFAULT '[]';
===
ALTER TABLE instance ADD COLUMN cwd TEXT;
ALTER TABLE instance ADD COLUMN user TEXT;
ALTER TABLE instance ADD COLUMN timeout_ms INTEGER;
ALTER TABLE instance ADD COLUMN auto_remove INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN expires_at INTEGER;
ALTER TABLE instance ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
===
-- What was made before there was a gateway reaches what it did.
ALTER TABLE instance ADD COLUMN network TEXT NOT NULL DEFAULT 'open';
ALTER TABLE instance ADD COLUMN allow TEXT NOT NULL DEFAULT '[]';
ALTER TABLE instance ADD COLUMN deny TEXT NOT NULL DEFAULT '[]';
ALTER TABLE instance ADD COLUMN network_rate INTEGER;
ALTER TABLE instance ADD COLUMN trust_host_cas INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN bound_secrets TEXT NOT NULL DEFAULT '{}';
===
-- With what the instance was, in the same columns.
CREATE TABLE snapshot AS SELECT * FROM instance WHERE 0;
ALTER TABLE snapshot ADD COLUMN snapshot_id TEXT;
ALTER TABLE snapshot ADD COLUMN name TEXT;
ALTER TABLE snapshot ADD COLUMN note TEXT;
ALTER TABLE snapshot ADD COLUMN memory INTEGER;
ALTER TABLE snapshot ADD COLUMN with_secrets INTEGER;
ALTER TABLE snapshot ADD COLUMN taken_at INTEGER;
===
-- What an instance is, and what becomes of it, is one document; columns are for what SQL asks. Its text is put together as it is:
-- what cannot be read costs its own row, and when that is read.
CREATE TEMP TABLE spec AS SELECT *,
  '{"id":' || json_quote(id) || ',"handle":' || json_quote(handle)
  || ',"created_at":"' || strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch')
  || '","size":{"memory_mb":' || memory_mb || ',"vcpus":' || vcpus || ',"disk_mb":' || disk_mb
  || '},"image":' || coalesce(image, 'null')
  || ',"environment":{"command":' || command || ',"env":' || env || ',"cwd":' || json_quote(cwd)
  || ',"user":' || json_quote(user)
  || ',"timeout":' || iif(timeout_ms, format('"PT%d.%03dS"', timeout_ms / 1000, timeout_ms % 1000), 'null')
  || ',"trust_host_cas":' || iif(trust_host_cas, 'true', 'false')
  || '},"secrets":{"given":' || secrets || ',"bound":' || iif(json_valid(bound_secrets),
    (SELECT json_group_array(key || ' ' || value) FROM json_each(bound_secrets)), bound_secrets)
  || '},"exposes":' || exposes
  || ',"network":{"mode":' || json_quote(network) || ',"allow":' || allow || ',"deny":' || deny
  || ',"rate":' || json_quote(network_rate)
  || '},"mounts":{"workspace":' || json_quote(workspace) || ',"volumes":' || volumes
  || '},"life":{"kind":' || iif(ephemeral, '"of_client"', iif(auto_remove, '"until_main_ends"', '"stays"'))
  || iif(ephemeral AND tty_rows, format(',"tty":{"rows":%d,"cols":%d}', tty_rows, tty_cols), '')
  || ',"end":' || json_quote(strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch'))
  || '},"idle":{"pause":' || json_quote(idle_pause) || ',"stop":' || json_quote(idle_stop)
  || '},"labels":' || labels || '}' AS spec
  FROM (SELECT * FROM snapshot UNION ALL SELECT *, NULL, NULL, NULL, NULL, NULL, NULL FROM instance);
DROP TABLE instance;
CREATE TABLE instance (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
INSERT INTO instance SELECT id, created_at,
  '{"spec":' || spec || ',"enabled":' || iif(enabled, 'true', 'false')
  || ',"last_active_at":"' || strftime('%Y-%m-%dT%H:%M:%fZ', last_active_at / 1000.0, 'unixepoch')
  || '","stopped_at":' || json_quote(strftime('%Y-%m-%dT%H:%M:%fZ', stopped_at / 1000.0, 'unixepoch'))
  || ',"exit_code":' || json_quote(exit_code) || ',"stop_reason":' || json_quote(stop_reason)
  || ',"vm":' || iif(vm_boot_id IS NULL, 'null',
    json_object('pid', vm_pid, 'startTicks', vm_start_ticks, 'bootId', vm_boot_id)) || '}'
  FROM spec WHERE snapshot_id IS NULL;
DROP TABLE snapshot;
CREATE TABLE snapshot (id TEXT PRIMARY KEY, taken_at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
INSERT INTO snapshot SELECT snapshot_id, taken_at,
  '{"id":' || json_quote(snapshot_id) || ',"name":' || json_quote(name) || ',"note":' || json_quote(note)
  || ',"taken_at":"' || strftime('%Y-%m-%dT%H:%M:%fZ', taken_at / 1000.0, 'unixepoch')
  || '","memory":' || iif(memory, 'true', 'false') || ',"with_secrets":' || iif(with_secrets, 'true', 'false')
  || ',"spec":' || spec || '}'
  FROM spec WHERE snapshot_id IS NOT NULL;
DROP TABLE spec;
-- What is absent has no key.
UPDATE instance SET document = json_patch('{}', document) WHERE json_valid(document);
UPDATE snapshot SET document = json_patch('{}', document) WHERE json_valid(document);
===
-- By what memory was saved. Until then there was one backend.
UPDATE snapshot SET document = json_set(document, '$.backend', 'qemu')
  WHERE json_valid(document) AND json_extract(document, '$.memory');
UPDATE snapshot SET document = json_remove(document, '$.memory') WHERE json_valid(document);
