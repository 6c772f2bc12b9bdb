/* The calls of the host. This table is the whole interface of the harness. */
#include "calls/calls.h"

#include <stddef.h>
#include <string.h>

#include "calls/file.h"
#include "calls/machine.h"
#include "calls/network.h"
#include "calls/process.h"
#include "channel/rpc.h"

static const struct {
	const char *method;
	void (*call)(json_t *params, const struct ticket *ticket);
} table[] = {
	{"health", call_health},
	{"mount", call_mount},
	{"share", call_share},
	{"identify", call_identify},
	{"clock", call_clock},
	{"run", call_run},
	{"exec", call_exec},
	{"checkpoint", call_checkpoint},
	{"release", call_release},
	{"adopt", call_adopt},
	{"signal", call_signal},
	{"resize", call_resize},
	{"kill", call_kill},
	{"connect", call_connect},
	{"accept", call_accept},
	{"refuse", call_refuse},
	{"resolved", call_resolved},
	{"file_read", call_file_read},
	{"file_write", call_file_write},
	{"file_list", call_file_list},
	{"file_stat", call_file_stat},
	{"file_mkdir", call_file_mkdir},
	{"file_rename", call_file_rename},
	{"file_remove", call_file_remove},
	{"file_archive", call_file_archive},
	{"file_pack", call_file_pack},
	{"file_unpack", call_file_unpack},
	{"sync", call_sync},
	{"park", call_park},
	{"shutdown", call_shutdown},
};

void calls_dispatch(const char *method, json_t *params, const struct ticket *ticket)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].method, method) == 0) {
			table[i].call(params, ticket);
			return;
		}
	}
	control_refuse(ticket, RPC_METHOD_NOT_FOUND, 0, "no method %.64s", method);
}
