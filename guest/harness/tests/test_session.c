/* Sessions, control messages and violations, against a running harness. */
#include <string.h>
#include <unistd.h>

#include "channel/rpc.h"
#include "check.h"
#include "driven.h"

static void garbage_before_hello_is_dropped(void)
{
	host_start(&host);
	host_send(&host, "garbage\1\0\0\34\0\0\0\0AEGIS", 20);
	host_hello(&host);
	CHECK(host_call(&host, "health", "{}"));
	host_stop(&host);
}

/* In a copy the main process goes on, and what it wrote meanwhile is not lost; everything else ends. */
static void a_copy_adopts_the_main_process(void)
{
	host_start(&host);
	host_hello(&host);
	CHECK(host_call(&host, "run",
			"{'command':['sh','-c','while :; do echo on; sleep 0.05; done'],"
			"'stdout':1,'stderr':2}"));
	CHECK(host_call(&host, "exec", "{'exec_id':'other','command':['sleep','1000']}"));
	CHECK(host_call(&host, "exec", "{'exec_id':'kept','session':'s','command':['cat'],'stdin':11,'stdout':12}"));
	CHECK(host_call(&host, "exec", "{'exec_id':'dead','session':'d','command':['sleep','1000'],'stdin':13,'stdout':14}"));
	UNTIL(&host, host.streams[1].data.size > 0);
	CHECK(host_call(&host, "checkpoint", "{}"));
	CHECK(host_call(&host, "release", "{}"));
	host.streams[1].total = 0;
	UNTIL(&host, host.streams[1].total > 0);
	CHECK(host_call(&host, "checkpoint", "{}"));
	host_hello(&host);
	CHECK(host_call_code(&host, "adopt", "{'stdout':1,'stderr':1}") == RPC_INVALID_PARAMS);
	CHECK(host_call(&host, "adopt", "{'stdout':3,'stderr':4}"));
	UNTIL(&host, host.streams[3].data.size > 0);
	CHECK(memcmp(buffer_front(&host.streams[3].data), "on\n", 3) == 0);
	host_wait_exited(&host, "other");
	CHECK(host_call(&host, "kill", "{'exec_id':'dead'}"));
	host_wait_exited(&host, "dead");
	CHECK(host_call(&host, "checkpoint", "{}"));
	CHECK(host_call(&host, "release", "{}"));
	CHECK(host_call(&host, "exec", "{'exec_id':'new','session':'s','command':['false'],'stdin':5,'stdout':6,'stderr':7}"));
	host_send_frame(&host, FRAME_DATA, 5, "kept", 4);
	host_send_frame(&host, FRAME_EOF, 5, "", 0);
	UNTIL(&host, host.streams[6].eof && host.streams[7].eof);
	CHECK(host_data_is(&host, 6, "kept"));
	CHECK(json_integer_value(json_object_get(host_wait_exited(&host, "new"), "code")) == 0);
	CHECK(host_call(&host, "exec", "{'exec_id':'again','session':'s','command':['true'],'stdout':8}"));
	host_wait_exited(&host, "again");
	CHECK(host_call(&host, "kill", "{'exec_id':'main'}"));
	host_wait_exited(&host, "main");
	UNTIL(&host, host.streams[3].eof && host.streams[4].eof);
	CHECK(host_call_code(&host, "adopt", "{'stdout':5}") == RPC_NO_SUCH_PROCESS);
	host_stop(&host);
}

static void hello_in_a_session_begins_a_new_one(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','sleep 0.3; echo late; exec sleep 60'],"
				       "'stdout':1,'env':{}}"));
	host_send(&host, "\2\1\0\2\0\0\0\0{}", 10); /* a message that is not complete */
	host_hello(&host);
	CHECK(host_call(&host, "health", "{}"));
	usleep(500000);
	CHECK(host_call(&host, "health", "{}"));
	CHECK(host.streams[1].total == 0);
	CHECK(host_call(&host, "exec", "{'exec_id':'b','command':['echo','x'],'stdout':1,'env':{}}"));
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "x\n"));
	CHECK(host_call(&host, "kill", "{'exec_id':'a'}"));
	CHECK(json_integer_value(json_object_get(host_wait_exited(&host, "a"), "signal")) == 9);
	host_stop(&host);
}

static void bad_requests_are_answered(void)
{
	static const char text[] = "{\"jsonrpc\":\"2.0\",";
	json_t *error;

	fresh();
	CHECK(host_call_code(&host, "nonsense", "{}") == RPC_METHOD_NOT_FOUND);
	CHECK(host_call_code(&host, "health", "[]") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "run", "{}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "exec", "{'command':['true']}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'main','command':['true']}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "signal", "{'exec_id':'none','signal':15}") == RPC_NO_SUCH_PROCESS);
	CHECK(host_call_code(&host, "kill", "{'exec_id':'none'}") == RPC_NO_SUCH_PROCESS);
	CHECK(host_call_code(&host, "clock", "{'unix_ns':0}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "identify", "{'entropy':'AAAA'}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "mount", "{'root':'../x','disk':'vdb'}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "mount", "{'root':'vda','disk':'vdb'}") == RPC_WRONG_STATE);
	CHECK(host_call_code(&host, "share", "{'tag':'../x','mounts':[{'path':'/w'}]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[{'path':'w'}]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[{'path':'/w','read_only':1}]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[{'path':'/w'},{'path':'/x'}]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[{'path':'/w','directory':'..'}]}") ==
	      RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "sync", "{'path':'workspace'}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "sync", "{'path':'/there/is/none'}") == RPC_SYSTEM_ERROR);
	host_send_text(&host, text, strlen(text));
	UNTIL(&host, json_array_size(host.answers) == 20);
	error = json_object_get(json_array_get(host.answers, 19), "error");
	CHECK(json_integer_value(json_object_get(error, "code")) == RPC_PARSE_ERROR);
	host_stop(&host);
}

/* The host asks for all of a start at once. In the next session it may be right. */
static void a_machine_that_lacks_something_starts_no_main_process(void)
{
	fresh();
	CHECK(host_call_code(&host, "share", "{'tag':'share','mounts':[]}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "run", "{'command':['true']}") == RPC_WRONG_STATE);
	CHECK(host_call(&host, "exec", "{'exec_id':'e','command':['true']}"));
	host_hello(&host);
	CHECK(host_call_code(&host, "run", "{}") == RPC_INVALID_PARAMS);
	CHECK(host_call(&host, "run", "{'command':['true']}"));
	host_stop(&host);
}

/* A message of almost 4 MiB, in pieces, is accepted. One of more than 4 MiB ends the session. */
static void long_messages_have_a_limit(void)
{
	size_t size = RPC_MESSAGE_MAX;
	char *text = must_allocate(size + 1);
	static const char start[] = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sync\",\"params\":{\"x\":\"";

	memset(text, 'x', size);
	memcpy(text, start, strlen(start));
	memcpy(text + size - 3, "\"}}", 3);
	fresh();
	host_send_text(&host, text, size);
	CHECK(json_object_get(host_answer(&host, 9), "result") != NULL);
	text[size - 3] = 'x';
	host_send_text(&host, text, size + 1);
	host_expect_end(&host);
	free(text);
}

static void large_environment_arrives(void)
{
	struct buffer params = {0};
	char entry[64];

	buffer_append(&params, "{'exec_id':'e','command':['/usr/bin/env'],'stdout':1,'env':{", 60);
	for (int i = 0; i < 10000; i++) {
		int size = snprintf(entry, sizeof(entry), "%s'KEY_%d':'value %d'", i > 0 ? "," : "", i, i);

		buffer_append(&params, entry, (size_t)size);
	}
	buffer_append(&params, "}}", 3);
	fresh();
	CHECK(host_call(&host, "exec", (const char *)params.bytes));
	UNTIL(&host, host.streams[1].eof);
	CHECK(memmem(buffer_front(&host.streams[1].data), host.streams[1].data.size, "KEY_9999=value 9999\n", 20));
	buffer_clear(&params);
	host_stop(&host);
}

static void violations_end_the_session(void)
{
	static const uint8_t bad_type[] = {9, 0, 0, 0, 0, 0, 0, 1};
	static const uint8_t bytes[32768];

	fresh();
	host_send(&host, bad_type, sizeof(bad_type));
	host_expect_end(&host);

	fresh(); /* data for a stream that was never named */
	host_send_frame(&host, FRAME_DATA, 7, "x", 1);
	host_expect_end(&host);

	fresh(); /* more than the credit */
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sleep','60'],'stdin':1,'env':{}}"));
	for (int i = 0; i < 10; i++)
		host_send_frame(&host, FRAME_DATA, 1, bytes, sizeof(bytes));
	host_expect_end(&host);

	fresh(); /* data after the end */
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sleep','60'],'stdout':1,'env':{}}"));
	host_send_frame(&host, FRAME_DATA, 1, "x", 1);
	host_expect_end(&host);
}

/* Frames for streams that are over are allowed, and their bytes are granted again to the connection. */
static void frames_for_old_streams_are_dropped(void)
{
	static const uint8_t bytes[32768];

	fresh();
	CHECK(host_call_code(&host, "exec", "{'exec_id':'a','command':['/nonesuch'],'stdin':5,'env':{}}") ==
	      RPC_NOT_FOUND);
	for (int i = 0; i < 32; i++) {
		host_send_frame(&host, FRAME_DATA, 5, bytes, sizeof(bytes));
		host.connection_credit -= sizeof(bytes);
		UNTIL(&host, host.connection_credit >= sizeof(bytes));
	}
	host_send_frame(&host, FRAME_EOF, 4, NULL, 0);
	host_send_number(&host, FRAME_RESET, 3, 0);
	host_send_number(&host, FRAME_CREDIT, 5, 1);
	CHECK(host_call(&host, "health", "{}"));
	host_stop(&host);
}

static void shutdown_ends_the_main_process(void)
{
	fresh();
	CHECK(host_call(&host, "run", "{'command':['sh','-c','trap bye TERM; bye() { echo bye; exit 3; }; echo up; "
				      "while :; do sleep 0.05; done'],'stdout':1,'env':{}}"));
	UNTIL(&host, host_data_is(&host, 1, "up\n"));
	CHECK(host_call_code(&host, "run", "{'command':['true']}") == RPC_WRONG_STATE);
	CHECK(host_call(&host, "shutdown", "{'grace_ms':5000}"));
	CHECK(json_integer_value(json_object_get(host_wait_exited(&host, "main"), "code")) == 3);
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "up\nbye\n"));
	host_expect_end(&host);
}

static void shutdown_does_not_wait_for_ever(void)
{
	fresh();
	CHECK(host_call(&host, "run", "{'command':['sh','-c','trap : TERM; echo up; while :; do sleep 0.05; done'],"
				      "'stdout':1,'env':{}}"));
	UNTIL(&host, host_data_is(&host, 1, "up\n"));
	CHECK(host_call(&host, "shutdown", "{'grace_ms':200}"));
	host_expect_end(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	RUN(garbage_before_hello_is_dropped);
	RUN(a_copy_adopts_the_main_process);
	RUN(hello_in_a_session_begins_a_new_one);
	RUN(bad_requests_are_answered);
	RUN(a_machine_that_lacks_something_starts_no_main_process);
	RUN(long_messages_have_a_limit);
	RUN(large_environment_arrives);
	RUN(violations_end_the_session);
	RUN(frames_for_old_streams_are_dropped);
	RUN(shutdown_ends_the_main_process);
	RUN(shutdown_does_not_wait_for_ever);
	return 0;
}
