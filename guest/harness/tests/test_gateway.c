/* The gateway's side in the guest, against a running harness: the test is a program of the guest and the host at once. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "channel/rpc.h"
#include "check.h"
#include "driven.h"
#include "net/net.h"
#include "net/netlink.h"
#include "net/requests.h"
#include "network.h"

static bool dial_is(json_t *dial, const char *address, int port)
{
	return strcmp(json_string_value(json_object_get(dial, "address")), address) == 0 &&
	       json_integer_value(json_object_get(dial, "port")) == port;
}

static json_int_t id_of(json_t *dial)
{
	return json_integer_value(json_object_get(dial, "dial_id"));
}

static bool accept_dial(json_int_t dial, int stream)
{
	char params[64];

	snprintf(params, sizeof(params), "{'dial_id':%lld,'stream':%d}", (long long)dial, stream);
	return host_call(&host, "accept", params);
}

static bool refuse_dial(json_int_t dial)
{
	char params[64];

	snprintf(params, sizeof(params), "{'dial_id':%lld}", (long long)dial);
	return host_call(&host, "refuse", params);
}

/* Connects, sends both ways, half-closes both ways. */
static void dial_over(const char *address)
{
	char got[16] = "";
	json_t *dial;
	int fd;

	fresh_network();
	fd = connected(SOCK_STREAM, address, 443);
	CHECK(fd >= 0 && send(fd, "early", 5, 0) == 5);
	dial = notified("dial", 0);
	CHECK(dial_is(dial, address, 443));
	CHECK(accept_dial(id_of(dial), 1));
	UNTIL(&host, host_data_is(&host, 1, "early"));
	host_send_frame(&host, FRAME_DATA, 1, "hello", 5);
	CHECK(recv(fd, got, 5, MSG_WAITALL) == 5 && memcmp(got, "hello", 5) == 0);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	CHECK(recv(fd, got, 1, 0) == 0);
	CHECK(send(fd, " late", 5, 0) == 5);
	UNTIL(&host, host_data_is(&host, 1, "early late"));
	CHECK(!host.streams[1].eof);
	close(fd);
	UNTIL(&host, host.streams[1].eof);
	host_stop(&host);
}

static void connections_of_both_families_are_dialled(void)
{
	dial_over("198.18.3.7");
	dial_over("93.184.216.34");
	dial_over("2606:4700::1111");
	dial_over("fd61:6567:6973::77");
}

static void a_refused_dial_is_reset(void)
{
	int first;
	int second;

	fresh_network();
	first = connected(SOCK_STREAM, "198.18.0.9", 1);
	second = connected(SOCK_STREAM, "198.18.0.9", 2);
	CHECK(refuse_dial(id_of(notified("dial", 0))));
	CHECK(is_reset(first));
	CHECK(accept_dial(id_of(notified("dial", 1)), 1));
	host_send_number(&host, FRAME_RESET, 1, RESET_CANCELLED);
	CHECK(is_reset(second));
	host_stop(&host);
}

static void answers_to_no_dial_are_refused(void)
{
	json_t *dial;
	int fd;

	fresh_network();
	CHECK(host_call_code(&host, "accept", "{'dial_id':77,'stream':1}") == RPC_WRONG_STATE);
	CHECK(host_call_code(&host, "refuse", "{'dial_id':77}") == RPC_WRONG_STATE);
	CHECK(host_call_code(&host, "resolved", "{'query_id':77,'message':'AAAA'}") == RPC_WRONG_STATE);
	CHECK(host_call_code(&host, "accept", "{'dial_id':0,'stream':1}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "accept", "{'dial_id':1}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "refuse", "{'dial_id':0}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "resolved", "{'query_id':1,'message':'='}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "resolved", "{'query_id':1}") == RPC_INVALID_PARAMS);
	fd = connected(SOCK_STREAM, "198.18.0.9", 80);
	dial = notified("dial", 0);
	CHECK(accept_dial(id_of(dial), 2) && !accept_dial(id_of(dial), 3) && !refuse_dial(id_of(dial)));
	CHECK(host_call_code(&host, "accept", "{'dial_id':1,'stream':2}") == RPC_INVALID_PARAMS); /* it is open */
	close(fd);
	host_stop(&host);
}

/* What does not wait for the host waits in the kernel, and is dialled when there is room. None is lost. */
static void dials_that_wait_are_limited(void)
{
	enum { SOME_MORE = 40 };
	int fds[REQUESTS_MAX + SOME_MORE];

	fresh_network();
	for (int i = 0; i < REQUESTS_MAX + SOME_MORE; i++) {
		fds[i] = connected(SOCK_STREAM, "198.18.1.1", (uint16_t)(i + 1));
		CHECK(fds[i] >= 0);
	}
	notified("dial", REQUESTS_MAX - 1);
	CHECK(host_call(&host, "health", "{}"));
	CHECK(count_notified("dial") == REQUESTS_MAX);
	for (size_t i = 0; i < REQUESTS_MAX + SOME_MORE; i++) {
		json_t *dial = notified("dial", i);

		CHECK(dial_is(dial, "198.18.1.1", (int)i + 1) && refuse_dial(id_of(dial)));
		CHECK(is_reset(fds[i]));
		close(fds[i]);
	}
	host_stop(&host);
}

static void dials_end_with_their_session(void)
{
	json_int_t last;
	int fd;

	fresh_network();
	fd = connected(SOCK_STREAM, "198.18.0.9", 80);
	last = id_of(notified("dial", 0));
	host_hello(&host);
	CHECK(is_reset(fd));
	close(fd);
	CHECK(!refuse_dial(last));
	fd = connected(SOCK_STREAM, "198.18.0.9", 81);
	CHECK(id_of(notified("dial", 0)) > last && accept_dial(id_of(notified("dial", 0)), 1));
	host_send_frame(&host, FRAME_DATA, 1, "x", 1);
	CHECK(recv(fd, &(char){0}, 1, 0) == 1);
	close(fd);
	host_stop(&host);
}

static void who_connects_to_the_dialer_itself_is_reset(void)
{
	int fd;

	fresh_network();
	fd = connected(SOCK_STREAM, "127.0.0.1", 1021);
	CHECK(fd >= 0 && is_reset(fd));
	close(fd);
	fd = connected(SOCK_STREAM, "::1", 1021);
	CHECK(fd >= 0 && is_reset(fd));
	close(fd);
	fd = connected(SOCK_STREAM, "198.18.0.2", 1021);
	CHECK(fd >= 0 && is_reset(fd));
	close(fd);
	CHECK(host_call(&host, "health", "{}"));
	CHECK(count_notified("dial") == 0);
	host_stop(&host);
}

/* The host answers the query that it was told of then. */
static bool say(size_t index, const uint8_t *answer, size_t size)
{
	char params[128];
	char *text = base64_write(answer, size);

	snprintf(params, sizeof(params), "{'query_id':%lld,'message':'%s'}",
		 (long long)json_integer_value(json_object_get(notified("resolve", index), "query_id")), text);
	free(text);
	return host_call(&host, "resolved", params);
}

/* Whichever server was asked: the answer comes from there, or a connected socket would not take it. */
static void resolve_by(const char *server, size_t index)
{
	static const uint8_t question[] = "\x12\x34 a question";
	static const uint8_t answer[] = "\x12\x34 an answer, \0 and all";
	json_t *query;
	uint8_t got[64];
	int fd = connected(SOCK_DGRAM, server, 53);

	CHECK(fd >= 0 && send(fd, question, sizeof(question), 0) == (ssize_t)sizeof(question));
	query = notified("resolve", index);
	CHECK(base64_read(json_string_value(json_object_get(query, "message")), got, sizeof(got)) == (ssize_t)sizeof(question));
	CHECK(memcmp(got, question, sizeof(question)) == 0);
	CHECK(say(index, answer, sizeof(answer)));
	CHECK(recv(fd, got, sizeof(got), 0) == (ssize_t)sizeof(answer) && memcmp(got, answer, sizeof(answer)) == 0);
	CHECK(!say(index, answer, sizeof(answer))); /* once */
	close(fd);
}

static void names_are_resolved_by_any_server(void)
{
	fresh_network();
	resolve_by("198.18.0.1", 0);
	resolve_by("8.8.8.8", 1);
	resolve_by("2001:4860:4860::8888", 2);
	host_stop(&host);
}

/* A query for app.test and an answer with one address, but for their first byte of the id. */
#define ASKED "\x01\0\0\x01\0\0\0\0\0\0\x03" "app" "\x04" "test" "\0\0\x01\0\x01"
#define SAID(count) "\x81\x80\0\x01\0" count "\0\0\0\0\x03" "app" "\x04" "test" "\0\0\x01\0\x01"

static bool is_answered(int fd, const void *query, size_t size, const void *answer, size_t answer_size)
{
	uint8_t got[64];

	return send(fd, query, size, 0) == (ssize_t)size && recv(fd, got, sizeof(got), 0) == (ssize_t)answer_size &&
	       memcmp(got, answer, answer_size) == 0;
}

static void the_host_is_asked_once_for_addresses_that_are_there(void)
{
	static const uint8_t first[] = "1\x34" ASKED, second[] = "2\x34" ASKED;
	static const uint8_t none[] = "1\x34" SAID("\0"), one[] = "1\x34" SAID("\x01"), same[] = "2\x34" SAID("\x01");
	uint8_t got[64];
	int fd;

	fresh_network();
	fd = connected(SOCK_DGRAM, "198.18.0.1", 53);
	CHECK(send(fd, first, sizeof(first) - 1, 0) > 0);
	CHECK(say(0, none, sizeof(none) - 1));
	CHECK(recv(fd, got, sizeof(got), 0) == (ssize_t)sizeof(none) - 1);
	CHECK(send(fd, first, sizeof(first) - 1, 0) > 0);
	CHECK(say(1, one, sizeof(one) - 1));
	CHECK(recv(fd, got, sizeof(got), 0) == (ssize_t)sizeof(one) - 1);
	CHECK(is_answered(fd, second, sizeof(second) - 1, same, sizeof(same) - 1));
	CHECK(is_answered(fd, first, sizeof(first) - 1, one, sizeof(one) - 1));
	CHECK(host_call(&host, "health", "{}"));
	CHECK(count_notified("resolve") == 2);
	host_hello(&host); /* forgets them */
	CHECK(send(fd, first, sizeof(first) - 1, 0) > 0);
	notified("resolve", 0);
	close(fd);
	host_stop(&host);
}

static void queries_that_wait_are_limited(void)
{
	enum { SOME_MORE = 20 };
	char params[64];
	int fd;

	fresh_network();
	fd = connected(SOCK_DGRAM, "198.18.0.1", 53);
	for (size_t i = 0; i < REQUESTS_MAX + SOME_MORE; i++) {
		CHECK(send(fd, "x", 1, 0) == 1);
		if (i < REQUESTS_MAX)
			notified("resolve", i); /* the kernel's buffer is no larger */
	}
	CHECK(host_call(&host, "health", "{}"));
	CHECK(count_notified("resolve") == REQUESTS_MAX);
	snprintf(params, sizeof(params), "{'query_id':%lld,'message':''}",
		 (long long)json_integer_value(json_object_get(notified("resolve", 5), "query_id")));
	CHECK(host_call(&host, "resolved", params));
	notified("resolve", REQUESTS_MAX);
	host_hello(&host); /* forgets them all, and goes on with those that were not read yet */
	notified("resolve", 0);
	close(fd);
	host_stop(&host);
}

/* TCP to port 53 is a dial like others: the host speaks DNS on it. */
static void names_by_tcp_are_a_dial(void)
{
	int fd;

	fresh_network();
	fd = connected(SOCK_STREAM, "8.8.8.8", 53);
	CHECK(dial_is(notified("dial", 0), "8.8.8.8", 53));
	close(fd);
	host_stop(&host);
}

static void all_else_fails_at_once(void)
{
	int listener;
	int fd;

	fresh_network();
	CHECK(sending_fails("8.8.8.8", 443) == EPERM); /* QUIC */
	CHECK(sending_fails("2001:4860:4860::8888", 443) == EPERM);
	CHECK(sending_fails("162.159.200.1", 123) == EPERM); /* NTP */
	CHECK(sending_fails("224.0.0.251", 5353) == EPERM);
	listener = listening("127.0.0.1", 8080); /* and loopback is as ever */
	fd = connected(SOCK_STREAM, "127.0.0.1", 8080);
	CHECK(fd >= 0);
	close(fd);
	close(listener);
	CHECK(host_call(&host, "health", "{}") && count_notified("dial") == 0);
	host_stop(&host);
}

/* As `nft delete table inet aegis` does, or without a name `nft flush ruleset`. */
static int delete_table(const char *name)
{
	struct nfgenmsg subsystem = {.res_id = htons(NFNL_SUBSYS_NFTABLES)};
	struct nfgenmsg family = {.nfgen_family = name == NULL ? NFPROTO_UNSPEC : NFPROTO_INET};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	struct netlink batch = {0};
	int outcome;

	netlink_message(&batch, NFNL_MSG_BATCH_BEGIN, 0, &subsystem, sizeof(subsystem));
	netlink_message(&batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, 0, &family, sizeof(family));
	if (name != NULL)
		netlink_put_text(&batch, NFTA_TABLE_NAME, name);
	netlink_message(&batch, NFNL_MSG_BATCH_END, 0, &subsystem, sizeof(subsystem));
	outcome = netlink_send(&batch, fd);
	close(fd);
	return outcome;
}

static void the_rules_are_nobody_elses(void)
{
	int fd;

	fresh_network();
	CHECK(delete_table("aegis") == EPERM);
	CHECK(delete_table(NULL) == 0);
	fd = connected(SOCK_STREAM, "198.18.0.9", 80);
	notified("dial", 0);
	close(fd);
	host_stop(&host);
}

/* A template is saved with the gateway, and each start says again what it has. */
static void without_a_way_out_nothing_leaves(void)
{
	int fd;

	fresh_network();
	fd = connected(SOCK_STREAM, "198.18.0.9", 80);
	notified("dial", 0);
	CHECK(identify(""));
	CHECK(is_reset(fd));
	close(fd);
	CHECK(connected(SOCK_STREAM, "198.18.0.9", 80) < 0 && errno == ENETUNREACH);
	CHECK(connected(SOCK_STREAM, "2001:db8::1", 80) < 0 && errno == ENETUNREACH);
	CHECK(sending_fails("198.18.0.1", 53) == ENETUNREACH);
	CHECK(identify("'gateway':true") && identify("'gateway':true"));
	fd = connected(SOCK_STREAM, "198.18.0.9", 80);
	CHECK(fd >= 0 && accept_dial(id_of(notified("dial", 1)), 1));
	close(fd);
	host_stop(&host);
}

static void a_network_takes_the_place_of_the_gateway(void)
{
	CHECK(net_make_link("eth0", "ifb") == 0);
	fresh_network();
	CHECK(identify("'network':{'interface':'eth0','address':'10.0.2.15/24','gateway':'10.0.2.2'}"));
	CHECK(sending_fails("8.8.8.8", 443) == 0); /* it is on its way */
	CHECK(connected(SOCK_STREAM, "2001:db8::1", 80) < 0 && errno == ENETUNREACH);
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	enter_network();
	RUN(connections_of_both_families_are_dialled);
	RUN(a_refused_dial_is_reset);
	RUN(answers_to_no_dial_are_refused);
	RUN(dials_that_wait_are_limited);
	RUN(dials_end_with_their_session);
	RUN(who_connects_to_the_dialer_itself_is_reset);
	RUN(names_are_resolved_by_any_server);
	RUN(the_host_is_asked_once_for_addresses_that_are_there);
	RUN(queries_that_wait_are_limited);
	RUN(names_by_tcp_are_a_dial);
	RUN(all_else_fails_at_once);
	RUN(the_rules_are_nobody_elses);
	RUN(without_a_way_out_nothing_leaves);
	RUN(a_network_takes_the_place_of_the_gateway);
	return 0;
}
