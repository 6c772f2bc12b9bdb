/* A session: finds its HELLO, takes its frames apart and hands them on, and ends with the hangup. */
#include "channel/session.h"

#include "base/log.h"
#include "channel/control.h"
#include "channel/frame.h"
#include "channel/outbox.h"
#include "channel/receive.h"

static void (*when_over)(const char *reason);
static void (*when_ended)(void);
static bool is_open;
static bool had_session;
static bool parked;

void session_when_over(void (*over)(const char *reason))
{
	when_over = over;
}

void session_when_ended(void (*ended)(void))
{
	when_ended = ended;
}

void session_park(void)
{
	parked = true;
}

static void close_session(void)
{
	is_open = false;
	receive_end();
	control_end();
	outbox_drop();
	when_ended();
}

static void begin(const uint8_t *nonce)
{
	close_session();
	is_open = true;
	had_session = true;
	parked = false;
	outbox_hello(nonce);
	control_begin();
}

/* Takes one frame; false: it breaks the protocol. */
static bool take(const struct frame *frame)
{
	switch (frame->type) {
	case FRAME_HELLO:
		begin(frame->payload + HELLO_PAYLOAD_SIZE - NONCE_SIZE);
		return true;
	case FRAME_CONTROL:
		return control_piece(frame->payload, frame->length, (frame->flags & FRAME_FLAG_MORE) != 0);
	case FRAME_DATA:
		return receive_data(frame->stream, frame->payload, frame->length);
	case FRAME_CREDIT:
		return receive_credit(frame->stream, frame_number(frame));
	case FRAME_EOF:
		return receive_eof(frame->stream);
	case FRAME_RESET:
		return receive_reset(frame->stream);
	}
	return false;
}

static void violation(void)
{
	log_line("the host broke the channel's protocol");
	close_session();
	if (!parked)
		when_over("protocol violation");
}

size_t session_input(const uint8_t *bytes, size_t size)
{
	size_t used = 0;

	if (!is_open) {
		uint8_t nonce[NONCE_SIZE];

		if (!frame_find_hello(bytes, size, &used, nonce))
			return used;
		begin(nonce);
	}
	while (is_open) {
		struct frame frame;
		enum frame_verdict verdict = frame_decode(bytes + used, size - used, &frame);

		if (verdict == FRAME_INCOMPLETE)
			return used;
		if (verdict == FRAME_VIOLATION || !take(&frame)) {
			violation();
			return size;
		}
		used += FRAME_HEADER_SIZE + (size_t)frame.length;
	}
	return used;
}

void session_hangup(bool can_reopen)
{
	close_session();
	if (can_reopen && (parked || !had_session))
		return;
	when_over("the host closed the channel");
}
