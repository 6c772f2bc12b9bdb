/* A session: finds its HELLO, takes its frames apart and hands them to control and streams; ends on hangup. */
#include "session.h"

#include "channel.h"
#include "control.h"
#include "frame.h"
#include "log.h"
#include "power.h"
#include "stream.h"

static bool open_now;
static bool parked;
static uint32_t number;

bool session_is_open(void)
{
	return open_now;
}

uint32_t session_number(void)
{
	return number;
}

void session_park(void)
{
	parked = true;
}

static void close_session(void)
{
	open_now = false;
	stream_forget_all();
	control_forget();
	channel_drop_output();
}

static void begin(const uint8_t *nonce)
{
	close_session();
	open_now = true;
	parked = false;
	number++;
	channel_send_hello(nonce);
	control_notify_ready();
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
		return stream_data(frame->stream, frame->payload, frame->length);
	case FRAME_CREDIT:
		return stream_credit(frame->stream, frame_number(frame));
	case FRAME_EOF:
		return stream_eof(frame->stream);
	case FRAME_RESET:
		return stream_reset_by_host(frame->stream);
	}
	return false;
}

static void violation(void)
{
	log_line("the host broke the channel's protocol");
	close_session();
	if (!parked)
		power_off_now("protocol violation");
}

size_t session_input(const uint8_t *bytes, size_t size)
{
	size_t used = 0;

	if (!open_now) {
		uint8_t nonce[NONCE_SIZE];

		if (!frame_find_hello(bytes, size, &used, nonce))
			return used;
		begin(nonce);
	}
	while (open_now) {
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

void session_hangup(void)
{
	bool had_session = number > 0;

	close_session();
	if (channel_is_port() && (parked || !had_session))
		return;
	power_off_now("the host closed the channel");
}
