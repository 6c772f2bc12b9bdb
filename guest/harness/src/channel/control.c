/* The control stream: pieces become messages, messages become requests, and each request gets one answer. */
#include "channel/control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "channel/outbox.h"
#include "channel/rpc.h"

static void (*dispatch)(const char *method, json_t *params, const struct ticket *ticket);
static bool is_open;
static uint32_t session; /* counts up, so that a late answer can tell that its session is over */
static struct buffer message;
static struct ticket refused; /* the latest of them */

void control_serve(void (*with)(const char *method, json_t *params, const struct ticket *ticket))
{
	dispatch = with;
}

static void send_text(char *text)
{
	outbox_control(text, strlen(text));
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
		struct ticket ticket = {.id = request.id, .session = session};

		dispatch(request.method, request.params, &ticket);
	} else {
		send_text(rpc_error(request.has_id, request.id, code, 0, NULL, meaning(code)));
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

void control_begin(void)
{
	is_open = true;
	session++;
	control_notify("ready", json_pack("{s:s}", "version", AEGIS_VERSION));
}

void control_end(void)
{
	is_open = false;
	buffer_clear(&message);
}

bool control_is_open(void)
{
	return is_open;
}

static bool still_wanted(const struct ticket *ticket)
{
	return is_open && ticket->session == session;
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
	refused = *ticket;
	if (still_wanted(ticket))
		send_text(rpc_error(true, ticket->id, code, error_number, NULL, text));
}

bool control_was_refused(const struct ticket *ticket)
{
	return refused.session == ticket->session && refused.id == ticket->id;
}

void control_refuse_path(const struct ticket *ticket, int error_number, const char *path, const char *text)
{
	if (still_wanted(ticket))
		send_text(rpc_error(true, ticket->id, RPC_SYSTEM_ERROR, error_number, path, text));
}

void control_notify(const char *method, json_t *params)
{
	if (is_open)
		send_text(rpc_notification(method, params));
	else
		json_decref(params);
}
