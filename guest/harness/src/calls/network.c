/* The calls about connections and names: to ports of the guest, and the answers to what its programs ask of the gateway. */
#include "calls/network.h"

#include "base/base64.h"
#include "channel/params.h"
#include "channel/rpc.h"
#include "channel/stream.h"
#include "net/connect.h"
#include "net/requests.h"

/* Reads the new stream that a request names, and another number from 1 on. False: the request was refused. */
static bool read_stream(json_t *params, const char *key, json_int_t max, uint32_t *stream, json_int_t *number,
			const struct ticket *ticket)
{
	if (!params_stream(params, "stream", stream) || *stream == 0 || !params_number(params, key, 1, max, 0, number) ||
	    *number == 0) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "stream and %s must be positive numbers", key);
		return false;
	}
	if (stream_find(*stream) != NULL) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "a stream of this number is open");
		return false;
	}
	stream_named(*stream);
	return true;
}

void call_connect(json_t *params, const struct ticket *ticket)
{
	json_int_t port;
	uint32_t stream;

	if (read_stream(params, "port", UINT16_MAX, &stream, &port, ticket))
		connect_begin(stream, (uint16_t)port, ticket);
}

void call_accept(json_t *params, const struct ticket *ticket)
{
	json_int_t dial;
	uint32_t stream;

	if (read_stream(params, "dial_id", INT64_MAX, &stream, &dial, ticket))
		dial_accept(dial, stream, ticket);
}

void call_refuse(json_t *params, const struct ticket *ticket)
{
	json_int_t dial = json_integer_value(json_object_get(params, "dial_id"));

	if (dial < 1)
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "dial_id must be a positive number");
	else if (!dial_refuse(dial))
		control_refuse(ticket, RPC_WRONG_STATE, 0, "no dial %lld waits", (long long)dial);
	else
		control_done(ticket);
}

void call_resolved(json_t *params, const struct ticket *ticket)
{
	json_int_t query = json_integer_value(json_object_get(params, "query_id"));
	const char *text = json_string_value(json_object_get(params, "message"));
	uint8_t message[DNS_MESSAGE_MAX];
	ssize_t size = text == NULL ? -1 : base64_read(text, message, sizeof(message));

	if (query < 1 || size < 0)
		control_refuse(ticket, RPC_INVALID_PARAMS, 0,
			       "query_id must be a positive number, and message at most %d bytes in base64", DNS_MESSAGE_MAX);
	else if (!query_answer(query, message, (size_t)size))
		control_refuse(ticket, RPC_WRONG_STATE, 0, "no query %lld waits", (long long)query);
	else
		control_done(ticket);
}
