/*
 * The calls of the host. This table is the whole interface of the harness.
 *
 * The host asks for all of a start at once, so it cannot keep the main process from starting in a machine that lacks
 * something: that is done here.
 */
#include "calls/calls.h"

#include <stddef.h>
#include <string.h>

#include "calls/file.h"
#include "calls/machine.h"
#include "calls/network.h"
#include "calls/process.h"
#include "channel/rpc.h"

enum start { NO_PART, PREPARES, STARTS_MAIN };

static const struct {
	const char *method;
	void (*call)(json_t *params, const struct ticket *ticket);
	enum start part;
} table[] = {
	{"health", call_health, NO_PART},
	{"mount", call_mount, PREPARES},
	{"share", call_share, PREPARES},
	{"identify", call_identify, PREPARES},
	{"clock", call_clock, NO_PART},
	{"run", call_run, STARTS_MAIN},
	{"exec", call_exec, NO_PART},
	{"checkpoint", call_checkpoint, NO_PART},
	{"release", call_release, NO_PART},
	{"adopt", call_adopt, STARTS_MAIN},
	{"signal", call_signal, NO_PART},
	{"resize", call_resize, NO_PART},
	{"kill", call_kill, NO_PART},
	{"connect", call_connect, NO_PART},
	{"accept", call_accept, NO_PART},
	{"refuse", call_refuse, NO_PART},
	{"resolved", call_resolved, NO_PART},
	{"file_read", call_file_read, NO_PART},
	{"file_write", call_file_write, NO_PART},
	{"file_list", call_file_list, NO_PART},
	{"file_stat", call_file_stat, NO_PART},
	{"file_mkdir", call_file_mkdir, NO_PART},
	{"file_rename", call_file_rename, NO_PART},
	{"file_remove", call_file_remove, NO_PART},
	{"file_archive", call_file_archive, NO_PART},
	{"file_pack", call_file_pack, NO_PART},
	{"file_unpack", call_file_unpack, NO_PART},
	{"sync", call_sync, NO_PART},
	{"park", call_park, NO_PART},
	{"shutdown", call_shutdown, NO_PART},
};

/* The session in which a preparation was refused. */
static uint32_t unprepared;

static void carry_out(size_t method, json_t *params, const struct ticket *ticket)
{
	enum start part = table[method].part;

	if (part == STARTS_MAIN && unprepared == ticket->session) {
		control_refuse(ticket, RPC_WRONG_STATE, 0, "mount, share or identify was refused");
		return;
	}
	table[method].call(params, ticket);
	if (part == PREPARES && control_was_refused(ticket))
		unprepared = ticket->session;
}

void calls_dispatch(const char *method, json_t *params, const struct ticket *ticket)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].method, method) == 0) {
			carry_out(i, params, ticket);
			return;
		}
	}
	control_refuse(ticket, RPC_METHOD_NOT_FOUND, 0, "no method %.64s", method);
}
