/* Fuzz target: the reader of passwd and group, which a guest can fill with anything. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "process/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const wanted[] = {"root", "me", "1000", "me:wheel", "1:2", ":", "x:y:z"};
	const char *text = (const char *)data;
	struct user user;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (users_find(text, size / 2, text + size / 2, size - size / 2, wanted[i], &user) &&
		    (user.group_count > GROUPS_MAX || user.uid == (uid_t)-1))
			abort();
	return 0;
}
