/* The harness that a driven test runs. */
#include "driven.h"

struct host host;

void fresh(void)
{
	host_start(&host);
	host_hello(&host);
}
