/* What the relay is measured against, in a VM of the bench's own: copies between a TCP connection of the guest, or nothing, and a
   virtio port, without frames. A byte from the host says what to do; an 'e' goes to the server that echoes, and back. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ECHO = 81, SOURCE = 82, SINK = 83, PIECE = 65536 };
static char piece[PIECE];

static int connection(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static void copy(int from, int to)
{
	ssize_t got = 1, put;

	for (long left = 256L << 20; left > 0 && (got = read(from, piece, PIECE)) > 0; left -= got)
		for (ssize_t done = 0; done < got; done += put)
			if ((put = write(to, piece + done, got - done)) < 0)
				exit(1);
}

int main(void)
{
	glob_t found;
	int port = glob("/dev/vport*p2", 0, NULL, &found) == 0 ? open(found.gl_pathv[0], O_RDWR) : -1;
	int echo = connection(ECHO);
	ssize_t got;
	char job;

	while ((got = read(port, &job, 1)) >= 0) {
		if (got == 0) { /* The host has not connected yet. */
			usleep(10000);
			continue;
		}
		if (job == 'e') {
			if (write(echo, &job, 1) != 1 || read(echo, &job, 1) != 1 || write(port, &job, 1) != 1)
				return 1;
			continue;
		}
		int source = job == 's' || job == 'z'; /* a server's bytes, zeros */
		int other = job == 's' ? connection(SOURCE) : job == 't' ? connection(SINK) :
						open(source ? "/dev/zero" : "/dev/null", O_RDWR);

		copy(source ? other : port, source ? port : other);
		if (job == 't' && (shutdown(other, SHUT_WR) != 0 || read(other, &job, 1) != 1))
			return 1;
		if (!source && write(port, "!", 1) != 1)
			return 1;
		close(other);
	}
	return 1;
}
