/* What the router is measured with, statically linked, in a guest: answers HTTP on port 80, and echoes on 81. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORTS = 2, FIRST = 80, BACKLOG = 4096, PIECE = 65536 };
static char piece[PIECE];

static int listen_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, BACKLOG) != 0) {
		perror("listen");
		exit(1);
	}
	return fd;
}

static void put(int fd, const char *bytes, long count)
{
	for (ssize_t n; count > 0 && (n = write(fd, bytes, count)) > 0; count -= n)
		bytes += n;
}

static void serve(int port, int fd)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
	ssize_t n;

	if (port == FIRST) {
		if (read(fd, piece, PIECE) > 0)
			put(fd, answer, sizeof(answer) - 1);
	} else {
		while ((n = read(fd, piece, PIECE)) > 0)
			put(fd, piece, n);
	}
	close(fd);
}

int main(void)
{
	struct pollfd listeners[PORTS];

	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < PORTS; i++)
		listeners[i] = (struct pollfd){.fd = listen_on(FIRST + i), .events = POLLIN};
	printf("up\n");
	fflush(stdout);
	while (poll(listeners, PORTS, -1) > 0) {
		for (int i = 0; i < PORTS; i++) {
			int on = 1, fd = listeners[i].revents ? accept(listeners[i].fd, NULL, NULL) : -1;

			if (fd < 0)
				continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			/* A request is answered at once; what lasts has a process of its own. */
			if (i == 0) {
				serve(FIRST, fd);
			} else if (fork() == 0) {
				serve(FIRST + i, fd);
				_exit(0);
			}
			close(fd);
		}
	}
	return 1;
}
