/* Base64: four digits of six bits stand for three bytes; the last four are padded by '='. */
#include "base/base64.h"

#include <string.h>

#include "base/buffer.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

ssize_t base64_read(const char *text, uint8_t *bytes, size_t room)
{
	size_t count = strspn(text, digits);
	size_t padding = strspn(text + count, "=");
	uint32_t bits = 0;
	size_t size = 0;

	if (text[count + padding] != '\0' || (count + padding) % 4 != 0 || padding > 2 || count * 3 / 4 > room)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
		if (i % 4 != 0)
			bytes[size++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return (ssize_t)size;
}

char *base64_write(const uint8_t *bytes, size_t size)
{
	size_t length = (size + 2) / 3 * 4;
	char *text = must_allocate(length + 1);

	for (size_t i = 0; i < length; i++) {
		size_t at = i * 6 / 8;
		unsigned next = at + 1 < size ? bytes[at + 1] : 0;

		text[i] = at < size ? digits[((unsigned)bytes[at] << 8 | next) >> (10 - i * 6 % 8) & 63] : '=';
	}
	return text;
}
