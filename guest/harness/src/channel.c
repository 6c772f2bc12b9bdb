/*
 * The port to the host. Few system calls for each megabyte matter here, since each is slow under emulation: pipes are
 * read straight into the output buffer, several frames at once with room for their headers, and the port is written in
 * pieces of 32 KiB, the most that the kernel's driver takes at once.
 */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "buffer.h"
#include "forward.h"
#include "loop.h"
#include "session.h"

enum {
	READ_SIZE = 65536,
	DRIVER_BUFFER = 4096, /* a page of its kernel */
	READS_PER_TURN = 64,
	WRITES_PER_TURN = 32,
	/* What a busy stream reads at once, and control may have to wait for. */
	OUTPUT_SIZE = FORWARD_SIZE,
	/* With less room than this left, bulk waits for the next one. */
	SMALLEST_PULL = 4096,
	/* With so much control waiting to be written we stop reading requests: a bound for all queues. */
	CONTROL_BACKLOG = 1 << 20,
};

static struct source port = {.fd = -1};
static bool is_virtio;
static bool readable;
static bool writable;
static struct buffer input;
static struct buffer control;
static struct buffer output;

static void port_ready(struct source *source, uint32_t events)
{
	(void)source;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		readable = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		writable = true;
}

int channel_open(int fd, bool is_port)
{
	port.fd = fd;
	port.ready = port_ready;
	is_virtio = is_port;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return loop_watch(&port, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

bool channel_is_port(void)
{
	return is_virtio;
}

static void hand_to_session(void)
{
	size_t used = session_input(buffer_front(&input), input.size);

	buffer_consume(&input, used);
}

/* The driver gives what one of its buffers holds for each read: this is a read for each, with one system call. */
static ssize_t read_port(uint8_t *room)
{
	struct iovec pages[READ_SIZE / DRIVER_BUFFER];

	for (size_t i = 0; i < READ_SIZE / DRIVER_BUFFER; i++)
		pages[i] = (struct iovec){.iov_base = room + i * DRIVER_BUFFER, .iov_len = DRIVER_BUFFER};
	return readv(port.fd, pages, READ_SIZE / DRIVER_BUFFER);
}

/* Reads until there is something to say: credit that the host waits for shall not wait for the rest of what it sent. */
static bool read_some(void)
{
	size_t said = control.size;

	for (int i = 0; i < READS_PER_TURN && readable && control.size <= said; i++) {
		ssize_t got;

		if (control.size > CONTROL_BACKLOG)
			return false; /* write_some goes on once the host reads again */
		got = read_port(buffer_room(&input, READ_SIZE));
		if (got > 0) {
			buffer_grew(&input, (size_t)got);
			hand_to_session();
		} else if (got < 0 && errno == EAGAIN) {
			readable = false;
		} else if (got == 0 || errno != EINTR) {
			readable = false;
			buffer_consume(&input, input.size);
			session_hangup();
		}
	}
	return readable;
}

/* Control first, then frames of each ready stream in turn, up to what two writes take: a rest would be one more. */
static void fill_output(void)
{
	if (output.size >= CHANNEL_WRITE_SIZE)
		return;
	if (control.size > 0) {
		size_t room = OUTPUT_SIZE - output.size;
		size_t size = control.size < room ? control.size : room;

		buffer_append(&output, buffer_front(&control), size);
		buffer_consume(&control, size);
	}
	while (control.size == 0 && output.size + SMALLEST_PULL <= OUTPUT_SIZE) {
		size_t room = OUTPUT_SIZE - output.size;
		size_t size = forward_pull(buffer_room(&output, room), room);

		if (size == 0)
			return;
		buffer_grew(&output, size);
	}
}

static bool write_some(void)
{
	for (int i = 0; i < WRITES_PER_TURN && writable; i++) {
		size_t size;
		ssize_t put;

		fill_output();
		if (output.size == 0)
			return control.size > 0;
		size = output.size < CHANNEL_WRITE_SIZE ? output.size : CHANNEL_WRITE_SIZE;
		put = write(port.fd, buffer_front(&output), size);
		if (put > 0)
			buffer_consume(&output, (size_t)put);
		else if (put < 0 && errno != EINTR)
			writable = false; /* Full, or the host is gone, which reading tells. */
	}
	return writable;
}

bool channel_turn(void)
{
	bool backlog = control.size > CONTROL_BACKLOG;
	bool more = read_some();

	more |= write_some();
	return more || (backlog && readable && control.size <= CONTROL_BACKLOG);
}

void channel_send_control(const char *text, size_t size)
{
	do {
		size_t piece = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;
		uint8_t header[FRAME_HEADER_SIZE];

		frame_write_header(header, FRAME_CONTROL, piece < size ? FRAME_FLAG_MORE : 0, 0, piece);
		buffer_append(&control, header, sizeof(header));
		buffer_append(&control, text, piece);
		text += piece;
		size -= piece;
	} while (size > 0);
}

void channel_send_number(enum frame_type type, uint32_t stream, uint32_t number)
{
	uint8_t bytes[FRAME_HEADER_SIZE + 4];

	frame_write_header(bytes, type, 0, stream, 4);
	frame_write_number(bytes + FRAME_HEADER_SIZE, number);
	buffer_append(&control, bytes, sizeof(bytes));
}

void channel_send_eof(uint32_t stream)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_write_header(header, FRAME_EOF, 0, stream, 0);
	buffer_append(&control, header, sizeof(header));
}

void channel_send_hello(const uint8_t *nonce)
{
	uint8_t hello[HELLO_SIZE];

	frame_write_hello(hello, nonce);
	buffer_append(&control, hello, sizeof(hello));
}

void channel_drop_output(void)
{
	buffer_consume(&control, control.size);
	buffer_consume(&output, output.size);
}

bool channel_is_flushed(void)
{
	return control.size == 0 && output.size == 0;
}
