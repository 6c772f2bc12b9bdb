/*
 * One table of nftables. All TCP that the guest and its containers would send out by the gateway's interface goes to one port of
 * the harness instead, DNS over UDP to the other, and all else is rejected.
 *
 * Packets are told by the interface that they would leave by. So loopback, and what containers say to each other or to the
 * guest, passes as if there were no rules.
 */
#include "net/rules.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/netlink.h"

#define TABLE "aegis"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An expression. Its attributes are numbered from 1 on: first the numbers, then the values. */
struct expression {
	const char *name;
	size_t numbers;
	uint32_t number[4];
	size_t size; /* of a value */
	size_t nested; /* how many values are data, which are nested once more; 0: one that is not, or none */
	const void *values;
};

static const char interface[IFNAMSIZ] = GATEWAY_INTERFACE;
static const uint8_t tcp = IPPROTO_TCP;
static const uint8_t udp = IPPROTO_UDP;
static const uint8_t port_53[] = {0, 53};
static const uint8_t tcp_port[] = {GATEWAY_TCP_PORT >> 8, GATEWAY_TCP_PORT & 255};
static const uint8_t dns_port[] = {GATEWAY_DNS_PORT >> 8, GATEWAY_DNS_PORT & 255};
static const uint32_t dnat_alone[] = {IPS_DST_NAT, 0}; /* mask, and what is added to it */
static const uint32_t none = 0;
static const uint8_t prohibited = NFT_REJECT_ICMPX_ADMIN_PROHIBITED;

/* All load the one register, or look at it. */
#define LOAD(name, ...) {name, COUNT(((uint32_t[]){NFT_REG_1, __VA_ARGS__})), {NFT_REG_1, __VA_ARGS__}, 0, 0, NULL}
#define IS(value) {"cmp", 2, {NFT_REG_1, NFT_CMP_EQ}, sizeof(value), 1, &(value)}
#define LEAVES_BY LOAD("meta", NFT_META_OIFNAME)
#define WILL_LEAVE_BY LOAD("fib", NFT_FIB_RESULT_OIFNAME, NFTA_FIB_F_DADDR) /* where routing comes later */
#define PROTOCOL LOAD("meta", NFT_META_L4PROTO)
#define PORT LOAD("payload", NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof(port_53))
#define STATUS LOAD("ct", NFT_CT_STATUS), {"bitwise", 3, {NFT_REG_1, NFT_REG_1, sizeof(none)}, sizeof(none), 2, dnat_alone}
#define REDIRECT(port) {"immediate", 1, {NFT_REG_1}, sizeof(port), 1, &(port)}, {"redir", 1, {NFT_REG_1}, 0, 0, NULL}
#define REJECT {"reject", 1, {NFT_REJECT_ICMPX_UNREACH}, sizeof(prohibited), 0, &prohibited}

static const struct {
	const char *name;
	const char *type;
	uint32_t hook;
	int priority;
} chains[] = {
	{"output", "nat", NF_INET_LOCAL_OUT, -100},
	{"prerouting", "nat", NF_INET_PRE_ROUTING, -100},
	{"rest", "filter", NF_INET_LOCAL_OUT, 0}, /* sees redirected packets with their old interface */
	{"forward", "filter", NF_INET_FORWARD, 0},
};

static const struct {
	const char *chain;
	struct expression expressions[8];
} rules[] = {
	{"output", {LEAVES_BY, IS(interface), PROTOCOL, IS(udp), PORT, IS(port_53), REDIRECT(dns_port)}},
	{"output", {LEAVES_BY, IS(interface), PROTOCOL, IS(tcp), REDIRECT(tcp_port)}},
	{"prerouting", {WILL_LEAVE_BY, IS(interface), PROTOCOL, IS(udp), PORT, IS(port_53), REDIRECT(dns_port)}},
	{"prerouting", {WILL_LEAVE_BY, IS(interface), PROTOCOL, IS(tcp), REDIRECT(tcp_port)}},
	{"rest", {LEAVES_BY, IS(interface), STATUS, IS(none), REJECT}},
	{"forward", {LEAVES_BY, IS(interface), REJECT}},
};

/* The table is this socket's: no other socket can change it, `nft flush ruleset` spares it, and it goes when the socket is closed. */
static int owner = -1;

static void message(struct netlink *batch, int type, uint16_t flags)
{
	struct nfgenmsg family = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};

	netlink_message(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &family, sizeof(family));
}

/* Begins or ends what the kernel takes as a whole, or not at all. */
static void bracket(struct netlink *batch, uint16_t type)
{
	struct nfgenmsg subsystem = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

	netlink_message(batch, type, 0, &subsystem, sizeof(subsystem));
}

static void add_chain(struct netlink *batch, size_t i)
{
	message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	netlink_put_text(batch, NFTA_CHAIN_TABLE, TABLE);
	netlink_put_text(batch, NFTA_CHAIN_NAME, chains[i].name);
	netlink_put_text(batch, NFTA_CHAIN_TYPE, chains[i].type);
	netlink_nest(batch, NFTA_CHAIN_HOOK);
	netlink_put_number(batch, NFTA_HOOK_HOOKNUM, chains[i].hook);
	netlink_put_number(batch, NFTA_HOOK_PRIORITY, (uint32_t)chains[i].priority);
	netlink_end(batch);
}

static void add_expression(struct netlink *batch, const struct expression *expression)
{
	const uint8_t *value = expression->values;
	uint16_t attribute = 1;

	netlink_nest(batch, NFTA_LIST_ELEM);
	netlink_put_text(batch, NFTA_EXPR_NAME, expression->name);
	netlink_nest(batch, NFTA_EXPR_DATA);
	for (size_t i = 0; i < expression->numbers; i++)
		netlink_put_number(batch, attribute++, expression->number[i]);
	if (expression->nested == 0 && value != NULL)
		netlink_put(batch, attribute, value, expression->size);
	for (size_t i = 0; i < expression->nested; i++) {
		netlink_nest(batch, attribute++);
		netlink_put(batch, NFTA_DATA_VALUE, value + i * expression->size, expression->size);
		netlink_end(batch);
	}
	netlink_end(batch);
	netlink_end(batch);
}

static void add_rule(struct netlink *batch, size_t i)
{
	message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	netlink_put_text(batch, NFTA_RULE_TABLE, TABLE);
	netlink_put_text(batch, NFTA_RULE_CHAIN, rules[i].chain);
	netlink_nest(batch, NFTA_RULE_EXPRESSIONS);
	for (size_t j = 0; j < COUNT(rules[i].expressions) && rules[i].expressions[j].name != NULL; j++)
		add_expression(batch, &rules[i].expressions[j]);
	netlink_end(batch);
}

int rules_set(void)
{
	struct netlink batch = {0};

	bracket(&batch, NFNL_MSG_BATCH_BEGIN);
	message(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	netlink_put_text(&batch, NFTA_TABLE_NAME, TABLE);
	netlink_put_number(&batch, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	for (size_t i = 0; i < COUNT(chains); i++)
		add_chain(&batch, i);
	for (size_t i = 0; i < COUNT(rules); i++)
		add_rule(&batch, i);
	bracket(&batch, NFNL_MSG_BATCH_END);
	owner = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	return netlink_send(&batch, owner);
}

void rules_remove(void)
{
	close(owner);
	owner = -1;
}
