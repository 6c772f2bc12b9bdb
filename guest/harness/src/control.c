/* The control stream: messages in pieces become requests, and each request gets its one answer. */
#include "control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "calls.h"
#include "channel.h"
#include "rpc.h"
#include "session.h"

static struct buffer message;

static void send_text(char *text)
{
	channel_send_control(text, strlen(text));
	free(text);
}

static const char *meaning(int code)
{
	switch (code) {
	case RPC_PARSE_ERROR:
		return "not JSON, or nested too deep";
	case RPC_INVALID_REQUEST:
		return "not a JSON-RPC 2.0 request with an integer id";
	default:
		return "params must be an object";
	}
}

static void handle(const char *text, size_t size)
{
	struct rpc_request request;
	int code = rpc_parse(text, size, &request);

	if (code == 0) {
		struct ticket ticket = {.id = request.id, .session = session_number()};

		calls_dispatch(request.method, request.params, &ticket);
	} else {
		send_text(rpc_error(request.has_id, request.id, code, 0, meaning(code)));
	}
	json_decref(request.document);
}

bool control_piece(const uint8_t *bytes, size_t size, bool more)
{
	if (message.size + size > RPC_MESSAGE_MAX)
		return false;
	if (message.size == 0 && !more) {
		handle((const char *)bytes, size);
		return true;
	}
	buffer_append(&message, bytes, size);
	if (!more) {
		handle((const char *)buffer_front(&message), message.size);
		buffer_clear(&message);
	}
	return true;
}

void control_forget(void)
{
	buffer_clear(&message);
}

static bool still_wanted(const struct ticket *ticket)
{
	return session_is_open() && ticket->session == session_number();
}

void control_answer(const struct ticket *ticket, json_t *result)
{
	if (still_wanted(ticket))
		send_text(rpc_result(ticket->id, result));
	else
		json_decref(result);
}

void control_done(const struct ticket *ticket)
{
	control_answer(ticket, json_object());
}

void control_refuse(const struct ticket *ticket, int code, int error_number, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (still_wanted(ticket))
		send_text(rpc_error(true, ticket->id, code, error_number, text));
}

void control_notify_ready(void)
{
	control_notify("ready", json_pack("{s:s}", "version", AEGIS_VERSION));
}

void control_notify(const char *method, json_t *params)
{
	if (session_is_open())
		send_text(rpc_notification(method, params));
	else
		json_decref(params);
}
