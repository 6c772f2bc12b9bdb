/* The calls about the machine: health, mounts, identity, clock, power. */
#include "calls/machine.h"

#include <string.h>
#include <time.h>

#include "channel/frame.h"
#include "channel/params.h"
#include "channel/rpc.h"
#include "channel/session.h"
#include "machine/identity.h"
#include "machine/identity_files.h"
#include "machine/mounts.h"
#include "machine/params.h"
#include "machine/power.h"
#include "machine/share.h"
#include "machine/usage.h"
#include "process/process.h"

enum { GRACE_MS = 5000, GRACE_MAX_MS = 600000 };

static bool machine_is_ours = true;
static bool network_is_ours = true;

void calls_leave_machine_alone(bool except_network)
{
	machine_is_ours = false;
	network_is_ours = except_network;
}

static long long uptime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void call_health(json_t *params, const struct ticket *ticket)
{
	(void)params;
	control_answer(ticket, json_pack("{s:i, s:I, s:I, s:I, s:I}", "version", PROTOCOL_VERSION, "uptime_ms",
					 (json_int_t)uptime_ms(), "processes", (json_int_t)process_count(), "cpu_ms",
					 (json_int_t)usage_cpu_ms(), "net_bytes", (json_int_t)usage_net_bytes()));
}

/* Sets the clock from params that have a unix_ns. False: the request was refused. */
static bool set_clock(json_t *params, const struct ticket *ticket)
{
	json_int_t unix_ns = json_integer_value(json_object_get(params, "unix_ns"));
	int outcome;

	if (unix_ns <= 0) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "unix_ns must be nanoseconds since 1970");
		return false;
	}
	outcome = machine_is_ours ? identity_set_clock(unix_ns) : 0;
	if (outcome != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "clock: %s", strerror(outcome));
	return outcome == 0;
}

/* Sets the clock before: ext4 notes when an inode was deleted, and takes a time just after 1970 for the number of another inode. */
void call_mount(json_t *params, const struct ticket *ticket)
{
	const char *root = json_string_value(json_object_get(params, "root"));
	const char *disk = json_string_value(json_object_get(params, "disk"));
	const char *step = "";
	int outcome;

	if (root == NULL || disk == NULL || !device_name_is_valid(root) || !device_name_is_valid(disk)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "root and disk must be names of block devices");
		return;
	}
	if (mounts_are_done()) {
		control_refuse(ticket, RPC_WRONG_STATE, 0, "the root is mounted already");
		return;
	}
	if (!set_clock(params, ticket))
		return;
	outcome = mounts_enter_root(root, disk, &step);
	if (outcome != 0) {
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "mount %s: %s", step, strerror(outcome));
		return;
	}
	identity_files_prepare();
	control_done(ticket);
}

static bool is_absolute(json_t *path)
{
	return json_is_string(path) && json_string_value(path)[0] == '/';
}

/* Whether the params of one share make sense. A name of a device begins with no dot, and has no slash. */
static bool read_share(json_t *from, bool alone, struct share *share)
{
	json_t *read_only = json_object_get(from, "read_only");
	json_t *path = json_object_get(from, "path");

	share->directory = json_string_value(json_object_get(from, "directory"));
	share->path = json_string_value(path);
	share->read_only = json_is_true(read_only);
	return is_absolute(path) && (read_only == NULL || json_is_boolean(read_only)) &&
	       (share->directory == NULL ? alone : device_name_is_valid(share->directory));
}

void call_share(json_t *params, const struct ticket *ticket)
{
	const char *tag = json_string_value(json_object_get(params, "tag"));
	json_t *mounts = json_object_get(params, "mounts");
	size_t count = json_array_size(mounts);
	struct share shares[SHARES_MAX];
	const struct share *failed = NULL;
	bool valid = tag != NULL && device_name_is_valid(tag) && count >= 1 && count <= SHARES_MAX;
	int outcome;

	for (size_t i = 0; valid && i < count; i++)
		valid = read_share(json_array_get(mounts, i), count == 1, &shares[i]);
	if (!valid) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0,
			       "share needs a tag, and mounts: absolute paths, with directories unless there is one");
		return;
	}
	if (!mounts_are_done()) {
		control_refuse(ticket, RPC_WRONG_STATE, 0, "the root is not mounted yet");
		return;
	}
	outcome = machine_is_ours ? share_mount(tag, shares, count, &failed) : 0;
	if (outcome != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "share at %.64s: %s", failed->path, strerror(outcome));
	else
		control_done(ticket);
}

void call_identify(json_t *params, const struct ticket *ticket)
{
	struct identity_params identity;
	char why[WHY_MAX];
	const char *step = "";
	int outcome;

	if (!identity_params_read(params, &identity, why)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "%s", why);
		return;
	}
	share_forget_absent();
	outcome = machine_is_ours ? identity_apply(&identity, &step)
				  : network_is_ours ? identity_set_network(&identity, &step)
						    : 0;
	if (outcome != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "identify, %s: %s", step, strerror(outcome));
	else
		control_answer(ticket, json_pack("{s:i}", "entropy_bits", (int)sizeof(identity.entropy) * 8));
	explicit_bzero(&identity, sizeof(identity));
}

void call_clock(json_t *params, const struct ticket *ticket)
{
	if (set_clock(params, ticket))
		control_done(ticket);
}

void call_sync(json_t *params, const struct ticket *ticket)
{
	json_t *path = json_object_get(params, "path");
	int outcome = 0;

	if (path != NULL && !is_absolute(path)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "path must be an absolute path");
		return;
	}
	if (path == NULL)
		sync();
	else
		outcome = share_sync(json_string_value(path));
	if (outcome != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "sync of %.64s: %s", json_string_value(path),
			       strerror(outcome));
	else
		control_done(ticket);
}

void call_park(json_t *params, const struct ticket *ticket)
{
	(void)params;
	sync();
	mounts_drop_device_caches();
	session_park();
	control_done(ticket);
}

void call_shutdown(json_t *params, const struct ticket *ticket)
{
	json_t *grace = json_object_get(params, "grace_ms");
	json_int_t milliseconds = grace == NULL ? GRACE_MS : json_integer_value(grace);

	if (milliseconds < 0 || milliseconds > GRACE_MAX_MS || (grace != NULL && !json_is_integer(grace))) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "grace_ms must be 0 to %d", GRACE_MAX_MS);
		return;
	}
	control_done(ticket);
	shutdown_begin((long)milliseconds);
}
