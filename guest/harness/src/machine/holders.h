/* Which processes have something of a file system open. */
#ifndef AEGIS_HOLDERS_H
#define AEGIS_HOLDERS_H

#include <stddef.h>
#include <sys/types.h>

/* Writes the first of them as "12 (python3), 15 (sh)", or a sentence when there is none that can be seen. */
void holders_name(const dev_t *devices, size_t count, char *text, size_t room);

#endif
