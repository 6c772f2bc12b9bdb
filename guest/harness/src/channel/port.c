/*
 * The port to the host. System calls are slow under emulation, so each moves as much as it can: pipes are read straight
 * into the output buffer, several frames at once with room for their headers, and the port is written in pieces as large
 * as the kernel's driver takes.
 */
#include "channel/port.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "channel/forward.h"
#include "channel/outbox.h"
#include "channel/session.h"

enum {
	READ_SIZE = 65536,
	DRIVER_BUFFER = 4096, /* a page of its kernel */
	READS_PER_TURN = 64,
	WRITES_PER_TURN = 32,
	/* With this much control waiting to be written, no more requests are read: this bounds every queue. */
	CONTROL_BACKLOG = 1 << 20,
};

static struct source port = {.fd = -1};
static bool can_reopen;
static bool readable;
static bool writable;
static struct buffer input;

static void port_ready(struct source *source, uint32_t events)
{
	(void)source;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		readable = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		writable = true;
}

int port_open(int fd, bool is_virtio)
{
	port.fd = fd;
	port.ready = port_ready;
	can_reopen = is_virtio;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return loop_watch(&port, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

static void hand_to_session(void)
{
	size_t used = session_input(buffer_front(&input), input.size);

	buffer_consume(&input, used);
}

/* Each read from the driver returns the content of one of its buffers. A readv does many such reads in one system call. */
static ssize_t read_port(uint8_t *room)
{
	struct iovec pages[READ_SIZE / DRIVER_BUFFER];

	for (size_t i = 0; i < READ_SIZE / DRIVER_BUFFER; i++)
		pages[i] = (struct iovec){.iov_base = room + i * DRIVER_BUFFER, .iov_len = DRIVER_BUFFER};
	return readv(port.fd, pages, READ_SIZE / DRIVER_BUFFER);
}

/* Reads until something is to be sent: credit that the host waits for must not wait for the rest of the input. */
static bool read_some(void)
{
	size_t waiting = outbox_control_size();

	for (int i = 0; i < READS_PER_TURN && readable && outbox_control_size() <= waiting; i++) {
		ssize_t got;

		if (outbox_control_size() > CONTROL_BACKLOG)
			return false; /* reading goes on when the host has read some of it */
		got = read_port(buffer_room(&input, READ_SIZE));
		if (got > 0) {
			buffer_grew(&input, (size_t)got);
			hand_to_session();
		} else if (got < 0 && errno == EAGAIN) {
			readable = false;
		} else if (got == 0 || errno != EINTR) {
			readable = false;
			buffer_consume(&input, input.size);
			session_hangup(can_reopen);
		}
	}
	return readable;
}

static bool write_some(void)
{
	for (int i = 0; i < WRITES_PER_TURN && writable; i++) {
		struct buffer *output = outbox_collect(forward_pull);
		size_t size = output->size < OUTBOX_WRITE_MAX ? output->size : OUTBOX_WRITE_MAX;
		ssize_t put;

		if (size == 0)
			return false;
		put = write(port.fd, buffer_front(output), size);
		if (put > 0)
			buffer_consume(output, (size_t)put);
		else if (put < 0 && errno != EINTR)
			writable = false; /* The port is full, or the host is gone; reading tells which. */
	}
	return writable;
}

bool port_turn(void)
{
	bool backlog = outbox_control_size() > CONTROL_BACKLOG;
	bool more = read_some();

	more |= write_some();
	return more || (backlog && readable && outbox_control_size() <= CONTROL_BACKLOG);
}
