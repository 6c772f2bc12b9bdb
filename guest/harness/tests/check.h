/* A minimal test framework: a failed check prints its place and ends the program. */
#ifndef AEGIS_CHECK_H
#define AEGIS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                              \
	do {                                                                                          \
		if (!(condition)) {                                                                   \
			fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #condition); \
			exit(1);                                                                      \
		}                                                                                     \
	} while (0)

#define RUN(test)                                 \
	do {                                      \
		test();                           \
		fprintf(stderr, "  ok %s\n", #test); \
	} while (0)

#endif
