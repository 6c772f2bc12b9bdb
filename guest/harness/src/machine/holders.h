/* Which processes have something of a file system open. */
#ifndef AEGIS_HOLDERS_H
#define AEGIS_HOLDERS_H

#include <stddef.h>
#include <sys/stat.h>

/*
 * Writes the first of them as "12 (python3, main), 15 (sh, exec-1)", each with the exec that began it, or a sentence when there is none
 * that can be seen. Those that only have one of these roots as their current directory are named where there is no other.
 */
void holders_name(const struct stat *roots, size_t count, char *text, size_t room);

#endif
