/* Processes, against a running harness. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "channel/rpc.h"
#include "check.h"
#include "driven.h"

static json_int_t ended(const char *exec_id, const char *key)
{
	json_t *value = json_object_get(host_wait_exited(&host, exec_id), key);

	return value == NULL ? -1 : json_integer_value(value);
}

static void output_and_exit_codes_arrive(void)
{
	fresh();
	CHECK(host_call(&host, "run", "{'command':['sh','-c','echo out; echo err >&2; exit 42'],'stdout':1,'stderr':2,"
				      "'env':{}}"));
	CHECK(ended("main", "code") == 42);
	UNTIL(&host, host.streams[1].eof && host.streams[2].eof);
	CHECK(host_data_is(&host, 1, "out\n") && host_data_is(&host, 2, "err\n"));
	CHECK(host_call(&host, "exec", "{'exec_id':'k','command':['sh','-c','kill -TERM $$'],'env':{}}"));
	CHECK(ended("k", "signal") == SIGTERM);
	CHECK(host_call(&host, "exec", "{'exec_id':'e','command':['env'],'env':{'A':'1'},'cwd':'/tmp','stdout':3}"));
	UNTIL(&host, host.streams[3].eof);
	CHECK(host_data_is(&host, 3, "A=1\n"));
	CHECK(host_call(&host, "exec", "{'exec_id':'p','command':['pwd'],'env':{},'cwd':'/usr','stdout':4}"));
	UNTIL(&host, host.streams[4].eof);
	CHECK(host_data_is(&host, 4, "/usr\n"));
	host_stop(&host);
}

static void failed_starts_say_why(void)
{
	char long_name[400];

	snprintf(long_name, sizeof(long_name), "{'exec_id':'n','command':['%0300d']}", 0);
	fresh();
	CHECK(host_call_code(&host, "exec", long_name) == RPC_NOT_FOUND);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'a','command':['nonesuch'],'env':{}}") == RPC_NOT_FOUND);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'a2','command':['/none/such']}") == RPC_NOT_FOUND);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'b','command':['/etc/passwd']}") == RPC_NOT_EXECUTABLE);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'c','command':['/etc']}") == RPC_NOT_EXECUTABLE);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'d','command':['true'],'cwd':'/nope'}") == RPC_SYSTEM_ERROR);
	CHECK(host_call_code(&host, "exec", "{'exec_id':'e','command':['true'],'user':'nonesuch'}") ==
	      RPC_INVALID_PARAMS);
	CHECK(host_call(&host, "exec", "{'exec_id':'f','command':['sleep','60']}"));
	CHECK(host_call_code(&host, "exec", "{'exec_id':'f','command':['true']}") == RPC_WRONG_STATE);
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['true']}"));
	CHECK(ended("a", "code") == 0);
	CHECK(host_exited(&host, "b") == NULL);
	host_stop(&host);
}

static void a_hundred_megabytes_arrive(void)
{
	fresh();
	host.keeps = false;
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['head','-c','100000000','/dev/zero'],'stdout':1}"));
	UNTIL(&host, host.streams[1].eof);
	CHECK(host.streams[1].total == 100000000);
	CHECK(ended("a", "code") == 0);
	host_stop(&host);
}

/* Sizes around that of one frame and of two, which are read at once. */
static void output_of_any_size_arrives(void)
{
	static const size_t sizes[] = {32759, 32760, 32761, 32768, 65519, 65520, 65521, 65536, 98280, 131040};
	char params[160];

	fresh();
	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct host_stream *stream = &host.streams[i + 1];

		snprintf(params, sizeof(params), "{'exec_id':'s%u','command':['sh','-c','seq -w 999999 | head -c %zu'],"
						 "'stdout':%u}", i, sizes[i], i + 1);
		CHECK(host_call(&host, "exec", params));
		UNTIL(&host, stream->eof);
		CHECK(stream->total == sizes[i]);
		for (size_t at = 0; at < sizes[i]; at += 7) {
			char line[24];

			snprintf(line, sizeof(line), "%06zu\n", at / 7 + 1);
			CHECK(memcmp(buffer_front(&stream->data) + at, line, sizes[i] - at < 7 ? sizes[i] - at : 7) == 0);
		}
	}
	host_stop(&host);
}

/* Without credit no more data comes, but control does. */
static void credit_is_respected(void)
{
	fresh();
	host.grants = false;
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['head','-c','200000','/dev/zero'],'stdout':1,"
				       "'stderr':2}"));
	UNTIL(&host, host.streams[1].total == 65536);
	for (int i = 0; i < 20; i++)
		CHECK(host_call(&host, "health", "{}"));
	CHECK(host.streams[1].total == 65536);
	host_send_number(&host, FRAME_CREDIT, 1, 10);
	UNTIL(&host, host.streams[1].total == 65546);
	host_send_number(&host, FRAME_CREDIT, 1, 1000000);
	UNTIL(&host, host.streams[1].total == 200000 && host.streams[1].eof);
	CHECK(ended("a", "code") == 0);
	host_stop(&host);
}

static size_t total_of(int streams)
{
	size_t total = 0;

	for (int i = 1; i <= streams; i++)
		total += host.streams[i].total;
	return total;
}

/* Many streams without a reader use up exactly the connection's credit. */
static void connection_credit_is_respected(void)
{
	char params[200];

	fresh();
	host.grants = false;
	for (int i = 1; i <= 20; i++) {
		snprintf(params, sizeof(params), "{'exec_id':'x%d','command':['head','-c','100000','/dev/zero'],"
						 "'stdout':%d}", i, i);
		CHECK(host_call(&host, "exec", params));
	}
	UNTIL(&host, total_of(20) >= 1048576);
	CHECK(host_call(&host, "health", "{}"));
	CHECK(total_of(20) == 1048576);
	host_send_number(&host, FRAME_CREDIT, 0, 1000000);
	for (int i = 1; i <= 20; i++)
		host_send_number(&host, FRAME_CREDIT, (uint32_t)i, 100000);
	for (int i = 1; i <= 20; i++)
		UNTIL(&host, host.streams[i].total == 100000 && host.streams[i].eof);
	host_stop(&host);
}

static void input_arrives_and_ends(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','sleep 0.2; wc -c'],'stdin':1,'stdout':2}"));
	host_send_input(&host, 1, 3000000);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host_data_is(&host, 2, "3000000\n"));
	/* When a process closes its input, its stream is reset and the session goes on. */
	CHECK(host_call(&host, "exec", "{'exec_id':'b','command':['sh','-c','exec 0<&-; exec sleep 60'],'stdin':3}"));
	UNTIL(&host, host.streams[3].reset == RESET_CANCELLED);
	host_send_frame(&host, FRAME_DATA, 3, "x", 1);
	CHECK(host_call(&host, "exec", "{'exec_id':'c','command':['cat'],'stdin':4,'stdout':5}"));
	host_send_number(&host, FRAME_RESET, 4, RESET_CANCELLED);
	UNTIL(&host, host.streams[5].eof);
	CHECK(ended("c", "code") == 0);
	host_stop(&host);
}

static void reset_output_is_discarded(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','head -c 3000000 /dev/zero; echo done >&2'],"
				       "'stdout':1,'stderr':2}"));
	host_send_number(&host, FRAME_RESET, 1, RESET_CANCELLED);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host_data_is(&host, 2, "done\n"));
	CHECK(ended("a", "code") == 0);
	CHECK(!host.streams[1].eof);
	host_stop(&host);
}

static void a_background_child_does_not_delay_the_end(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','(sleep 0.5; echo late; sleep 60) & "
				       "echo first; exit 5'],'stdout':1}"));
	CHECK(ended("a", "code") == 5);
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "first\n"));
	usleep(700000);
	CHECK(host_call(&host, "health", "{}"));
	CHECK(host_data_is(&host, 1, "first\n"));
	host_stop(&host);
}

static void orphans_are_reaped(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','for i in 1 2 3 4 5; do (sh -c "
				       "\\\"sleep 0.1\\\" &) ; done'],'stdout':1}"));
	UNTIL(&host, host.streams[1].eof);
	usleep(400000);
	CHECK(host_call(&host, "exec", "{'exec_id':'z','command':['sh','-c','ps -o stat= --ppid $PPID | grep -c Z'],"
				       "'stdout':2}"));
	UNTIL(&host, host.streams[2].eof);
	CHECK(host_data_is(&host, 2, "0\n"));
	host_stop(&host);
}

static void signals_and_kill_reach_the_process(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'a','command':['sh','-c','sleep 60 & wait']}"));
	CHECK(host_call(&host, "signal", "{'exec_id':'a','signal':2}"));
	CHECK(ended("a", "signal") == SIGINT || ended("a", "code") == 130);
	CHECK(host_call(&host, "exec", "{'exec_id':'b','command':['sh','-c','trap : TERM INT; sleep 60; sleep 60']}"));
	CHECK(host_call(&host, "kill", "{'exec_id':'b'}"));
	CHECK(ended("b", "signal") == SIGKILL);
	CHECK(host_call_code(&host, "signal", "{'exec_id':'b','signal':77}") == RPC_INVALID_PARAMS);
	host_stop(&host);
}

static void terminals_work(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'t','command':['sh','-c','trap \\\"stty size\\\" WINCH; stty size; read "
				       "x; echo got $x; while :; do sleep 0.05; done'],'stdin':1,'stdout':2,"
				       "'tty':{'rows':10,'cols':20}}"));
	UNTIL(&host, host_data_is(&host, 2, "10 20\r\n"));
	host_send_frame(&host, FRAME_DATA, 1, "abc\n", 4);
	UNTIL(&host, host_data_is(&host, 2, "10 20\r\nabc\r\ngot abc\r\n"));
	CHECK(host_call(&host, "resize", "{'exec_id':'t','rows':33,'cols':44}"));
	UNTIL(&host, host_data_is(&host, 2, "10 20\r\nabc\r\ngot abc\r\n33 44\r\n"));
	host_send_frame(&host, FRAME_DATA, 1, "\3", 1);
	CHECK(ended("t", "signal") == SIGINT || ended("t", "code") == 130);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host_call(&host, "exec", "{'exec_id':'c','command':['cat'],'stdin':3,'stdout':4,"
				       "'tty':{'rows':1,'cols':1}}"));
	host_send_frame(&host, FRAME_EOF, 3, NULL, 0);
	CHECK(ended("c", "code") == 0);
	CHECK(host_call_code(&host, "resize", "{'exec_id':'c','rows':1,'cols':1}") != 0);
	host_stop(&host);
}

static bool output_has(uint32_t stream, const char *text)
{
	struct buffer *data = &host.streams[stream].data;

	return data->size > 0 && memmem(buffer_front(data), data->size, text, strlen(text)) != NULL;
}

static bool at_prompt(uint32_t stream)
{
	struct buffer *data = &host.streams[stream].data;

	return data->size >= 7 && memcmp(buffer_front(data) + data->size - 7, "ready> ", 7) == 0;
}

static void type_in(uint32_t stream, const char *text)
{
	host_send_frame(&host, FRAME_DATA, stream, text, strlen(text));
}

/* An interactive shell: jobs, the keys that stop and interrupt them, and the end of the shell. */
static void an_interactive_shell_has_job_control(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'b','command':['bash','--norc','--noprofile','-i'],'stdin':1,'stdout':2,"
				       "'tty':{'rows':24,'cols':80},'env':{'PS1':'ready> ','PATH':'/usr/bin:/bin'}}"));
	UNTIL(&host, at_prompt(2));
	CHECK(!output_has(2, "no job control") && !output_has(2, "cannot set terminal"));
	type_in(1, "ps -o tpgid=,pgid=,sid= -p $$ | awk '{print ($1 != $2 && $2 == $3) ? \"lead\" \"er\" : $0}'\n");
	UNTIL(&host, output_has(2, "\nleader\r\n")); /* the pipeline is in the foreground, the shell leads the session */
	type_in(1, "test -t 0 && tty; cat; echo cat ended\n");
	UNTIL(&host, output_has(2, "\n/dev/pts/"));
	type_in(1, "typed\n");
	UNTIL(&host, output_has(2, "\ntyped\r\ntyped\r\n"));
	type_in(1, "\032"); /* Ctrl+Z */
	UNTIL(&host, output_has(2, "Stopped") && at_prompt(2));
	type_in(1, "echo 'again'; fg\n");
	UNTIL(&host, output_has(2, "\nagain\r\ncat\r\n"));
	type_in(1, "front\n");
	UNTIL(&host, output_has(2, "\nfront\r\nfront\r\n"));
	type_in(1, "\003"); /* Ctrl+C ends cat but not the shell, and discards what was typed ahead */
	UNTIL(&host, at_prompt(2));
	type_in(1, "echo 'interrupted'; stty size\n");
	UNTIL(&host, output_has(2, "\ninterrupted\r\n24 80\r\n"));
	type_in(1, "exit 7\n");
	CHECK(ended("b", "code") == 7);
	UNTIL(&host, host.streams[2].eof);
	host_stop(&host);
}

/* Without a stdin stream, a process reads end of file at once. */
static void no_input_is_empty_input(void)
{
	fresh();
	CHECK(host_call(&host, "exec", "{'exec_id':'c','command':['sh','-c','wc -c; readlink /proc/self/fd/0'],'stdout':1}"));
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "0\n/dev/null\n") && ended("c", "code") == 0);
	host_stop(&host);
}

static bool may_become_others(void)
{
	bool within_user_namespace = false;

	for (char **word = host_program; *word != NULL; word++)
		within_user_namespace |= strcmp(*word, "--user") == 0;
	return geteuid() == 0 && !within_user_namespace;
}

/* A process has the ids and groups of its user, cannot become root again, and can reopen its output. A user that cannot be
 * set is an error. */
static void a_process_has_its_user(void)
{
	const char *params = "{'exec_id':'u','command':['sh','-c','id -u; id -g; id -G; echo again > /dev/stdout; "
			     "head -c 1 /etc/shadow 2>/dev/null || echo denied'],'user':'65534:12','stdout':1,'env':{}}";

	fresh();
	if (!may_become_others()) {
		CHECK(host_call_code(&host, "exec", params) == RPC_SYSTEM_ERROR);
		host_stop(&host);
		return;
	}
	CHECK(host_call(&host, "exec", params));
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "65534\n12\n12\nagain\ndenied\n"));
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	RUN(output_and_exit_codes_arrive);
	RUN(failed_starts_say_why);
	RUN(a_hundred_megabytes_arrive);
	RUN(output_of_any_size_arrives);
	RUN(credit_is_respected);
	RUN(connection_credit_is_respected);
	RUN(input_arrives_and_ends);
	RUN(reset_output_is_discarded);
	RUN(a_background_child_does_not_delay_the_end);
	RUN(orphans_are_reaped);
	RUN(signals_and_kill_reach_the_process);
	RUN(terminals_work);
	RUN(an_interactive_shell_has_job_control);
	RUN(no_input_is_empty_input);
	RUN(a_process_has_its_user);
	return 0;
}
