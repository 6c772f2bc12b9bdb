/* What bytes from a guest and to a guest are measured against, in a VM of the bench's own: a virtio port alone, without frames. A byte
   from the host says what to do: 'e' goes back, 'z' asks for zeros, 'n' announces bytes, whose end is answered by one byte. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 65536 };
static char piece[PIECE];

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
	int zeros = open("/dev/zero", O_RDWR);
	ssize_t got;
	char job;

	printf("up\n");
	fflush(stdout);
	while ((got = read(port, &job, 1)) >= 0) {
		if (got == 0) /* The host has not connected yet. */
			usleep(10000);
		else if (job == 'z')
			copy(zeros, port);
		else if (job == 'n')
			copy(port, zeros);
		if (got > 0 && job != 'z' && write(port, &job, 1) != 1)
			return 1;
	}
	return 1;
}
