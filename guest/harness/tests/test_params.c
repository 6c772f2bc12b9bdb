/* Parsing without effects: JSON-RPC, parameters, credit, users. */
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "channel/credit.h"
#include "channel/params.h"
#include "channel/rpc.h"
#include "check.h"
#include "file/params.h"
#include "machine/params.h"
#include "machine/usage.h"
#include "process/params.h"
#include "process/users.h"

static int parse(const char *text)
{
	struct rpc_request request;
	int code = rpc_parse(text, strlen(text), &request);

	json_decref(request.document);
	return code;
}

static void only_requests_are_accepted(void)
{
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\",\"params\":{}}") == 0);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\"}") == 0);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sync\",\"params\":[]}") == RPC_INVALID_PARAMS);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"method\":\"sync\"}") == RPC_INVALID_REQUEST);
	CHECK(parse("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"sync\"}") == RPC_INVALID_REQUEST);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"sync\"}") == RPC_INVALID_REQUEST);
	CHECK(parse("[]") == RPC_INVALID_REQUEST);
	CHECK(parse("") == RPC_PARSE_ERROR);
	CHECK(parse("{\"jsonrpc\":") == RPC_PARSE_ERROR);
	CHECK(parse("{\"id\":1,\"id\":1}") == RPC_PARSE_ERROR);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}") == RPC_PARSE_ERROR);
}

static void depth_is_bounded(void)
{
	char deep[100001];
	struct rpc_request request;

	memset(deep, '[', sizeof(deep));
	CHECK(rpc_parse(deep, sizeof(deep), &request) == RPC_PARSE_ERROR);
	CHECK(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}") == 0);
}

static bool process_is_valid(const char *text, struct process_params *params)
{
	static json_t *json;
	char why[WHY_MAX];
	bool valid;

	json_decref(json);
	json = json_loads(text, 0, NULL);
	CHECK(json != NULL);
	valid = process_params_read(json, params, why);
	return valid;
}

static bool rejected(const char *text)
{
	struct process_params params;
	bool valid = process_is_valid(text, &params);

	process_params_free(&params);
	return !valid;
}

static void process_params_are_checked(void)
{
	struct process_params params;

	CHECK(process_is_valid("{\"exec_id\":\"a-1\",\"command\":[\"x\",\"\"],\"env\":{\"A\":\"b=c\"},\"stdin\":1,"
			       "\"stdout\":2,\"tty\":{\"rows\":24,\"cols\":80}}",
			       &params));
	CHECK(strcmp(params.command[0], "x") == 0 && strcmp(params.command[1], "") == 0 && params.command[2] == NULL);
	CHECK(strcmp(params.environment[0], "A=b=c") == 0 && params.environment[1] == NULL);
	CHECK(params.stdin_stream == 1 && params.stdout_stream == 2 && params.stderr_stream == 0);
	CHECK(params.terminal && params.rows == 24 && params.columns == 80);
	process_params_free(&params);
	CHECK(rejected("{}"));
	CHECK(rejected("{\"command\":[]}"));
	CHECK(rejected("{\"command\":[\"\"]}"));
	CHECK(rejected("{\"command\":[\"x\",1]}"));
	CHECK(rejected("{\"command\":\"x\"}"));
	CHECK(rejected("{\"command\":[\"x\"],\"env\":{\"\":\"\"}}"));
	CHECK(rejected("{\"command\":[\"x\"],\"env\":{\"a=b\":\"\"}}"));
	CHECK(rejected("{\"command\":[\"x\"],\"env\":[]}"));
	CHECK(rejected("{\"command\":[\"x\"],\"exec_id\":\"../x\"}"));
	CHECK(rejected("{\"command\":[\"x\"],\"exec_id\":\"\"}"));
	CHECK(rejected("{\"command\":[\"x\"],\"stdout\":0}"));
	CHECK(rejected("{\"command\":[\"x\"],\"stdout\":4294967296}"));
	CHECK(rejected("{\"command\":[\"x\"],\"stdout\":3,\"stderr\":3}"));
	CHECK(rejected("{\"command\":[\"x\"],\"stderr\":3,\"tty\":{\"rows\":1,\"cols\":1}}"));
	CHECK(rejected("{\"command\":[\"x\"],\"tty\":{\"rows\":70000,\"cols\":1}}"));
	CHECK(rejected("{\"command\":[\"x\"],\"tty\":true}"));
}

static bool file_accepts(enum file_operation operation, const char *text)
{
	struct file_params params;
	char why[WHY_MAX] = "";
	json_t *json = json_loads(text, 0, NULL);
	bool good = json != NULL && file_params_read(json, operation, &params, why);

	CHECK(json != NULL && good == (why[0] == '\0'));
	json_decref(json);
	return good;
}

static void file_params_are_checked(void)
{
	CHECK(file_accepts(FILE_READ, "{\"path\":\"/x\",\"stream\":1,\"offset\":5,\"length\":0}"));
	CHECK(!file_accepts(FILE_READ, "{\"path\":\"/x\"}"));
	CHECK(!file_accepts(FILE_READ, "{\"path\":\"x\",\"stream\":1}"));
	CHECK(!file_accepts(FILE_READ, "{\"path\":\"/x\",\"stream\":0}"));
	CHECK(!file_accepts(FILE_READ, "{\"path\":\"/x\",\"stream\":1,\"offset\":-1}"));
	CHECK(!file_accepts(FILE_READ, "{\"path\":\"/x\",\"stream\":1,\"user\":5}"));
	CHECK(file_accepts(FILE_LIST, "{\"path\":\"/x\",\"stream\":1,\"part\":\"own\"}"));
	CHECK(!file_accepts(FILE_LIST, "{\"path\":\"/x\",\"stream\":1,\"part\":\"upper\"}"));
	CHECK(file_accepts(FILE_WRITE, "{\"path\":\"/x\",\"stream\":1,\"mode\":4095}"));
	CHECK(!file_accepts(FILE_WRITE, "{\"path\":\"/x\",\"stream\":1,\"mode\":4096}"));
	CHECK(!file_accepts(FILE_STAT, "{\"path\":\"/x\",\"stream\":1}"));
	CHECK(!file_accepts(FILE_STAT, "{\"path\":\"/x\",\"follow\":1}"));
	CHECK(file_accepts(FILE_RENAME, "{\"path\":\"/x\",\"to\":\"/y\"}"));
	CHECK(!file_accepts(FILE_RENAME, "{\"path\":\"/x\",\"to\":\"y\"}"));
	CHECK(!file_accepts(FILE_RENAME, "{\"path\":\"/x\"}"));
	CHECK(!file_accepts(FILE_REMOVE, "{\"path\":\"/x\",\"to\":\"/y\"}"));
	CHECK(file_accepts(FILE_PACK, "{\"path\":\"/x\",\"stream\":1,\"name\":\"x\"}"));
	CHECK(!file_accepts(FILE_PACK, "{\"path\":\"/x\",\"stream\":1}"));
	CHECK(!file_accepts(FILE_PACK, "{\"path\":\"/x\",\"stream\":1,\"name\":\"x/y\"}"));
	CHECK(file_accepts(FILE_UNPACK, "{\"path\":\"/x\",\"stream\":1}"));
	CHECK(!file_accepts(FILE_UNPACK, "{\"path\":\"/x\",\"stream\":1,\"name\":\"x\"}"));
	CHECK(!file_accepts(FILE_UNPACK, "{\"path\":\"/x\"}"));
	CHECK(!file_accepts(FILE_REMOVE, "{\"path\":\"\"}"));
	CHECK(file_accepts(FILE_ARCHIVE, "{\"path\":\"/\",\"stream\":1,\"part\":\"own\",\"originals\":[\"/x\"]}"));
	CHECK(!file_accepts(FILE_ARCHIVE, "{\"path\":\"/\",\"stream\":1,\"part\":\"none\"}"));
	CHECK(!file_accepts(FILE_ARCHIVE, "{\"path\":\"/\",\"stream\":1,\"originals\":[\"x\"]}"));
	CHECK(!file_accepts(FILE_ARCHIVE, "{\"path\":\"/\",\"stream\":1,\"originals\":[5]}"));
	CHECK(!file_accepts(FILE_ARCHIVE, "{\"path\":\"/\"}"));
	CHECK(!file_accepts(FILE_REMOVE, "{}"));
}

static void base64_is_exact(void)
{
	static const char *const none[] = {"AQ!D", "AQIDBA", "AQIDBA=", "AQIDBA===", "AQ==IDBA", "A===", "====", "AQIDBAU="};
	uint8_t bytes[4];

	CHECK(base64_read("AQID", bytes, 4) == 3 && memcmp(bytes, "\1\2\3", 3) == 0);
	CHECK(base64_read("AQIDBA==", bytes, 4) == 4 && memcmp(bytes, "\1\2\3\4", 4) == 0);
	CHECK(base64_read("", bytes, 0) == 0 && base64_read("AQID", bytes, 2) == -1);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK(base64_read(none[i], bytes, 4) == -1);
}

static void base64_comes_back(void)
{
	uint8_t bytes[256];
	uint8_t again[256];

	for (size_t size = 0; size <= sizeof(bytes); size++) {
		char *text;

		if (size > 0)
			bytes[size - 1] = (uint8_t)(size * 167);
		text = base64_write(bytes, size);
		CHECK(base64_read(text, again, size) == (ssize_t)size && memcmp(bytes, again, size) == 0);
		free(text);
	}
}

static bool identity_is_valid(const char *text)
{
	struct identity_params params;
	char why[WHY_MAX];
	json_t *json = json_loads(text, 0, NULL);
	bool valid;

	CHECK(json != NULL);
	json_object_set_new(json, "entropy", json_sprintf("%0*d%s", 86, 0, "=="));
	valid = identity_params_read(json, &params, why);
	json_decref(json);
	return valid;
}

static void a_way_out_is_a_network_or_the_gateway(void)
{
#define IDENTITY "\"unix_ns\":1,\"hostname\":\"a\",\"machine_id\":\"00112233445566778899aabbccddeeff\""
	CHECK(identity_is_valid("{" IDENTITY "}"));
	CHECK(identity_is_valid("{" IDENTITY ",\"gateway\":true}"));
	CHECK(identity_is_valid("{" IDENTITY ",\"gateway\":false,\"network\":{\"interface\":\"eth0\"}}"));
	CHECK(!identity_is_valid("{" IDENTITY ",\"gateway\":true,\"network\":{\"interface\":\"eth0\"}}"));
	CHECK(!identity_is_valid("{" IDENTITY ",\"gateway\":\"198.18.0.1\"}"));
}

static void credit_is_counted(void)
{
	struct receiver receiver = {.window = 10};

	CHECK(receiver_arrived(&receiver, 10));
	CHECK(!receiver_arrived(&receiver, 1));
	CHECK(receiver_took(&receiver, 4, 5) == 0);
	CHECK(receiver_took(&receiver, 6, 5) == 10);
	CHECK(receiver_arrived(&receiver, 10));
}

static bool find(const char *wanted, struct user *user)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\nbad line\nme:x:1000:100:Me:/home/me:\nno:x:-1:0:::\n"
				     "big:x:4294967295:0:::\nodd:x:9:9::here:\nlast:x:7:8::";
	static const char group[] = "root:x:0:\nusers:x:100:\nwheel:x:10:you,me\naudio:x:29:me\nmenu:x:30:men,ame";

	return users_find(passwd, sizeof(passwd) - 1, group, sizeof(group) - 1, wanted, user);
}

static void users_are_found_by_name_and_number(void)
{
	struct user user;

	CHECK(find("me", &user) && user.uid == 1000 && user.gid == 100 && user.group_count == 3);
	CHECK(user.groups[0] == 100 && user.groups[1] == 10 && user.groups[2] == 29);
	CHECK(find("1000", &user) && user.uid == 1000 && user.gid == 100 && user.group_count == 3);
	CHECK(find("last", &user) && user.uid == 7 && user.gid == 8);
	CHECK(find("42", &user) && user.uid == 42 && user.gid == 0);
	CHECK(find("me:wheel", &user) && user.gid == 10 && user.group_count == 1);
	CHECK(find("5:6", &user) && user.uid == 5 && user.gid == 6);
	CHECK(find("me", &user) && strcmp(user.home, "/home/me") == 0);
	CHECK(find("last", &user) && strcmp(user.home, "/") == 0);
	CHECK(find("odd", &user) && strcmp(user.home, "/") == 0);
	CHECK(find("42", &user) && strcmp(user.home, "/") == 0);
	CHECK(!find("nobody", &user) && !find("no", &user) && !find("big", &user) && !find("", &user));
	CHECK(!find("me:nogroup", &user) && !find("-1", &user) && !find("4294967295", &user) && !find(":", &user));
}

static void usage_is_counted(void)
{
	static const char devices[] =
		"Inter-|   Receive                                                |  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo\n"
		"    lo: 5000000    1    0    0    0     0          0         0  5000000    1    0    0    0     0       0          0\n"
		"  eth0: 1000      10    0    0    0     0          0         0      234       7    0    0    0     0       0          0\n"
		"  lo-2:1 2 3 4 5 6 7 8 20 10 11 12 13 14 15 16\n";

	CHECK(usage_net_bytes_in(devices) == 1255);
	CHECK(usage_net_bytes_in("") == 0 && usage_net_bytes_in("eth0: 1 2 3\n") == 0);
	CHECK(usage_net_bytes_in("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16") == 0); /* cut off */
	CHECK(usage_cpu_ms_in("cpu  10 20 30 40 50\ncpu0 1 1 1\n") == 60 * 1000 / sysconf(_SC_CLK_TCK));
	CHECK(usage_cpu_ms_in("") == 0 && usage_cpu_ms_in("cpu \n") == 0 && usage_cpu_ms_in("intr 5\n") == 0);
	CHECK(usage_cpu_ms() > 0 && usage_net_bytes() >= 0);
}

int main(void)
{
	RUN(only_requests_are_accepted);
	RUN(depth_is_bounded);
	RUN(process_params_are_checked);
	RUN(file_params_are_checked);
	RUN(base64_is_exact);
	RUN(base64_comes_back);
	RUN(a_way_out_is_a_network_or_the_gateway);
	RUN(credit_is_counted);
	RUN(usage_is_counted);
	RUN(users_are_found_by_name_and_number);
	return 0;
}
