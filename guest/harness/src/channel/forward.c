/* Forwarding: reads pipes straight into frames, writes frames straight into pipes, and queues only what does not fit. */
#include "channel/forward.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "channel/outbox.h"

enum {
	DISCARD_PER_EVENT = 1 << 20,
	/* A terminal cannot tell how much it holds. After the end, at most this much is still sent. */
	TERMINAL_DRAIN = 131072,
	FULL_FRAME = OUTBOX_WRITE_MAX,
	FULL_PAYLOAD = FULL_FRAME - FRAME_HEADER_SIZE,
	FRAMES_PER_READ = OUTBOX_BULK_MAX / FULL_FRAME,
};

static uint32_t events_of(const struct stream *stream)
{
	switch (stream->kind) {
	case STREAM_STDIN:
		return EPOLLOUT;
	case STREAM_OUTPUT:
		return EPOLLIN;
	case STREAM_CONNECT:
		return EPOLLIN | EPOLLOUT | EPOLLRDHUP;
	}
	return 0;
}

static void close_and_settle(struct stream *stream)
{
	loop_close(&stream->io);
	stream_settle(stream);
}

/* Reads and discards. If more is left after a fair share, epoll reports it again. */
static void discard_some(struct stream *stream)
{
	static uint8_t scratch[65536];
	size_t total = 0;

	while (total < DISCARD_PER_EVENT) {
		ssize_t got = read(stream->io.fd, scratch, sizeof(scratch));

		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			close_and_settle(stream);
			return;
		}
		total += (size_t)got;
	}
	loop_again(&stream->io, events_of(stream));
}

static void start_discarding(struct stream *stream)
{
	stream_set_ready(stream, false);
	stream->discard = true;
	if (stream->io.fd >= 0)
		discard_some(stream);
}

/* Closes the guest's side. The output of a process is read and discarded instead: a closed pipe would kill it. */
static void cut(struct stream *stream)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	/* What was to be written would be missing: then the process is at the end of its input. */
	bool stays = stream->held && stream->queue.size == 0;

	buffer_consume(&stream->queue, stream->queue.size);
	stream->in_ending = false;
	if (stays) {
		stream_set_ready(stream, false);
		return;
	}
	switch (stream->kind) {
	case STREAM_OUTPUT:
		if (stream->sole)
			break;
		if (!stream->discard)
			start_discarding(stream);
		return;
	case STREAM_CONNECT:
		if (stream->io.fd >= 0)
			setsockopt(stream->io.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		break;
	case STREAM_STDIN:
		break;
	}
	loop_close(&stream->io);
}

void forward_abandon(struct stream *stream)
{
	stream->in_open = false;
	stream->out_open = false;
	cut(stream);
	stream_settle(stream);
}

void forward_reset(struct stream *stream, enum reset_reason reason)
{
	if (stream->named)
		outbox_number(FRAME_RESET, stream->id, reason);
	forward_abandon(stream);
}

/* No more output goes to the host. The descriptor stays open as long as someone can still write to it. */
static void finish_output(struct stream *stream)
{
	stream_set_ready(stream, false);
	if (stream->out_open && stream->named)
		outbox_eof(stream->id);
	stream->out_open = false;
	if (stream->kind == STREAM_OUTPUT)
		start_discarding(stream);
	else if (stream->in_dead && stream->in_open)
		forward_reset(stream, RESET_CANCELLED);
	stream_settle(stream);
}

static void input_failed(struct stream *stream)
{
	size_t lost = stream->queue.size;

	stream->in_dead = true;
	buffer_consume(&stream->queue, lost);
	if (stream->kind == STREAM_STDIN || !stream->out_open) {
		forward_reset(stream, RESET_CANCELLED);
		return;
	}
	stream_consumed(stream, lost);
	stream_settle(stream);
}

/* A terminal has no half-close. In line mode, the end-of-file character ends the input. */
static void type_end_of_file(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) != 0 || !(mode.c_lflag & ICANON))
		return;
	if (write(fd, &mode.c_cc[VEOF], 1) < 0)
		return; /* The queue is full: its process does not read. */
}

static void finish_input(struct stream *stream)
{
	stream->in_ending = false;
	if (stream->all_came != NULL)
		*stream->all_came = true;
	if (stream->kind == STREAM_CONNECT) {
		shutdown(stream->io.fd, SHUT_WR);
		stream_settle(stream);
		return;
	}
	if (stream->terminal)
		type_end_of_file(stream->io.fd);
	close_and_settle(stream);
}

/* Writes as much as fits and returns how much that was, or -1 when the reader is gone. */
static ssize_t write_now(struct stream *stream, const uint8_t *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = write(stream->io.fd, bytes + done, size - done);

		if (put >= 0)
			done += (size_t)put;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)done;
}

static void flush_queue(struct stream *stream)
{
	if (stream->queue.size > 0) {
		ssize_t put = write_now(stream, buffer_front(&stream->queue), stream->queue.size);

		if (put < 0) {
			input_failed(stream);
			return;
		}
		buffer_consume(&stream->queue, (size_t)put);
		stream_consumed(stream, (size_t)put);
	}
	if (stream->queue.size == 0 && stream->in_ending)
		finish_input(stream);
}

void forward_take(struct stream *stream, const uint8_t *bytes, size_t size)
{
	ssize_t put = 0;

	if (stream->in_dead) {
		stream_consumed(stream, size);
		return;
	}
	if (stream->io.fd >= 0 && stream->queue.size == 0)
		put = write_now(stream, bytes, size);
	if (put < 0) {
		stream_consumed(stream, size);
		input_failed(stream);
		return;
	}
	buffer_append(&stream->queue, bytes + put, size - (size_t)put);
	if (put > 0)
		stream_consumed(stream, (size_t)put);
}

void forward_end_input(struct stream *stream)
{
	stream->in_ending = !stream->in_dead;
	if (stream->in_ending && stream->io.fd >= 0 && stream->queue.size == 0)
		finish_input(stream);
	else
		stream_settle(stream);
}

static void stream_ready(struct source *source, uint32_t events)
{
	struct stream *stream = (struct stream *)((char *)source - offsetof(struct stream, io));

	bool broken = (stream->kind == STREAM_STDIN && (events & EPOLLERR)) ||
		      (stream->kind == STREAM_CONNECT && !stream->out_open && (events & (EPOLLERR | EPOLLHUP)));

	if (broken) {
		input_failed(stream);
		return;
	}
	if (stream->kind != STREAM_OUTPUT && (events & (EPOLLOUT | EPOLLHUP)))
		flush_queue(stream);
	if (stream->io.fd < 0 || stream->kind == STREAM_STDIN)
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
		if (stream->discard)
			discard_some(stream);
		else if (stream->out_open)
			stream_set_ready(stream, true);
	}
}

void forward_attach(struct stream *stream, int fd)
{
	stream->io.fd = fd;
	stream->io.ready = stream_ready;
	if (loop_watch(&stream->io, events_of(stream)) != 0) {
		forward_reset(stream, RESET_INTERNAL);
		return;
	}
	if (stream->kind != STREAM_OUTPUT)
		flush_queue(stream);
}

void forward_resume(struct stream *stream)
{
	if (stream->out_open && stream->io.fd >= 0)
		stream_set_ready(stream, true);
}

void forward_drain(struct stream *stream)
{
	int held = 0;

	if (!stream->out_open || stream->io.fd < 0)
		return;
	stream->draining = true;
	if (stream->terminal)
		held = TERMINAL_DRAIN;
	else
		ioctl(stream->io.fd, FIONREAD, &held);
	stream->drain_left = (size_t)held;
	if (held == 0)
		finish_output(stream);
	else
		stream_set_ready(stream, true);
}

/* A read gave nothing: the guest's side is empty for now, at its end, or broken. */
static void nothing_read(struct stream *stream, ssize_t got)
{
	if (got < 0 && errno == EINTR)
		return;
	if (got < 0 && errno == EAGAIN) {
		stream_set_ready(stream, false);
		if (stream->draining)
			finish_output(stream);
		return;
	}
	if (stream->kind == STREAM_CONNECT && got < 0)
		forward_reset(stream, RESET_CANCELLED);
	else
		finish_output(stream);
}

/* The payload of frames that take this much room in all. */
static size_t payload_of(size_t size)
{
	size_t rest = size % FULL_FRAME;
	size_t last = rest > FRAME_HEADER_SIZE ? rest - FRAME_HEADER_SIZE : 0;

	return size / FULL_FRAME * FULL_PAYLOAD + last;
}

/* Reads the payload of consecutive frames, leaving room for the header of each. */
static ssize_t read_payloads(int fd, uint8_t *room, size_t most)
{
	struct iovec payloads[FRAMES_PER_READ];
	int count = 0;

	while (most > 0 && count < FRAMES_PER_READ) {
		struct iovec *payload = &payloads[count];

		payload->iov_base = room + (size_t)count * FULL_FRAME + FRAME_HEADER_SIZE;
		payload->iov_len = most < FULL_PAYLOAD ? most : FULL_PAYLOAD;
		most -= payload->iov_len;
		count++;
	}
	return readv(fd, payloads, count);
}

/* Writes the headers of frames with this much payload in all, and returns the size of the frames. */
static size_t write_headers(uint32_t id, uint8_t *room, size_t payload)
{
	size_t size = 0;

	while (payload > 0) {
		size_t length = payload < FULL_PAYLOAD ? payload : FULL_PAYLOAD;

		frame_write_header(room + size, FRAME_DATA, 0, id, length);
		size += FRAME_HEADER_SIZE + length;
		payload -= length;
	}
	return size;
}

static size_t pull_from(struct stream *stream, uint8_t *room, size_t most)
{
	uint32_t id = stream->id;
	ssize_t got;

	if (stream->draining && stream->drain_left < most)
		most = stream->drain_left;
	got = read_payloads(stream->io.fd, room, most);
	if (got <= 0) {
		nothing_read(stream, got);
		return 0;
	}
	stream_sent(stream, (size_t)got);
	if (stream->draining)
		stream->drain_left -= (size_t)got;
	if (stream->draining && stream->drain_left == 0)
		finish_output(stream);
	else
		stream_to_the_back(stream);
	return write_headers(id, room, (size_t)got);
}

size_t forward_pull(uint8_t *room, size_t size)
{
	size_t longest = payload_of(size);
	struct stream *stream;

	while ((stream = stream_next_ready()) != NULL) {
		size_t most = stream_may_send(stream);
		size_t taken;

		if (most == 0) {
			stream_set_ready(stream, false); /* until forward_resume */
			continue;
		}
		taken = pull_from(stream, room, most < longest ? most : longest);
		if (taken > 0)
			return taken;
	}
	return 0;
}
