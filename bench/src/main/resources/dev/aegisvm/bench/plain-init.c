/* The only program in a guest of QEMU without us: says "up" on the console, and "hi" when it is sent a line; at the next one all ends. */
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
	char line;

	if (write(1, "up\n", 3) != 3 || read(0, &line, 1) != 1 || write(1, "hi\n", 3) != 3 || read(0, &line, 1) != 1)
		return 1;
	return reboot(RB_AUTOBOOT);
}
