/* The frame decoder and the search for HELLO, against the golden vectors, which the Java side reads too. */
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "channel/frame.h"
#include "check.h"

static const char *const names[] = {"", "HELLO", "CONTROL", "DATA", "CREDIT", "EOF", "RESET"};

/* Appends the bytes that "0a0b 00*5" stands for; "-" is none. */
static void read_bytes(const char *text, struct buffer *bytes)
{
	while (*text != '\0' && *text != '-') {
		unsigned int byte;
		unsigned long times = 1;
		char *end = (char *)(uintptr_t)text + 2;

		if (*text == ' ') {
			text++;
			continue;
		}
		CHECK(sscanf(text, "%2x", &byte) == 1);
		if (*end == '*')
			times = strtoul(end + 1, &end, 10);
		text = end;
		for (; times > 0; times--)
			buffer_append(bytes, &(uint8_t){(uint8_t)byte}, 1);
	}
}

/* The next field of a line, without blanks around it; moves *rest past it. */
static char *field(char **rest)
{
	char *start = *rest;
	char *end = strstr(start, " |");
	size_t length;

	if (end == NULL) {
		*rest = start + strlen(start);
	} else {
		*end = '\0';
		*rest = end + 2;
	}
	start += strspn(start, " ");
	length = strlen(start);
	while (length > 0 && start[length - 1] == ' ')
		start[--length] = '\0';
	return start;
}

static void frame_is(const struct frame *frame, char *wanted)
{
	struct buffer payload = {0};
	char type[16];
	unsigned int flags;
	unsigned int stream;
	int used;

	CHECK(sscanf(wanted, " %15s %u %u %n", type, &flags, &stream, &used) == 3);
	read_bytes(wanted + used, &payload);
	CHECK(strcmp(names[frame->type], type) == 0);
	CHECK(frame->flags == flags);
	CHECK(frame->stream == stream);
	CHECK(frame->length == payload.size);
	CHECK(payload.size == 0 || memcmp(frame->payload, payload.bytes, payload.size) == 0);
	buffer_clear(&payload);
}

static void encodes_again(const struct frame *frame, const uint8_t *bytes)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_write_header(header, frame->type, frame->flags, frame->stream, frame->length);
	CHECK(memcmp(header, bytes, sizeof(header)) == 0);
	if (frame->type == FRAME_HELLO) {
		uint8_t hello[HELLO_SIZE];

		frame_write_hello(hello, frame->payload + HELLO_PAYLOAD_SIZE - NONCE_SIZE);
		CHECK(memcmp(hello, bytes, sizeof(hello)) == 0);
	}
}

static void decode_vector(char *line)
{
	char *name = field(&line);
	const char *verdict = field(&line);
	struct buffer bytes = {0};
	char *wanted;
	size_t at = 0;
	struct frame frame;
	enum frame_verdict outcome;

	read_bytes(field(&line), &bytes);
	wanted = field(&line);
	while ((outcome = frame_decode(bytes.bytes + at, bytes.size - at, &frame)) == FRAME_COMPLETE) {
		char *next = strstr(wanted, " ; ");

		if (next != NULL)
			*next = '\0';
		frame_is(&frame, wanted);
		encodes_again(&frame, bytes.bytes + at);
		wanted = next != NULL ? next + 3 : wanted + strlen(wanted);
		at += FRAME_HEADER_SIZE + (size_t)frame.length;
	}
	if (strcmp(wanted, "-") != 0 && *wanted != '\0') {
		fprintf(stderr, "%s: these frames did not come out: %s\n", name, wanted);
		exit(1);
	}
	CHECK((outcome == FRAME_VIOLATION) == (strcmp(verdict, "violation") == 0));
	buffer_clear(&bytes);
}

static void search_vector(char *line)
{
	char *name = field(&line);
	const char *wanted = field(&line);
	struct buffer bytes = {0};
	struct buffer nonce = {0};
	uint8_t found[NONCE_SIZE];
	size_t used;
	size_t expected;
	bool any;

	(void)name;
	read_bytes(field(&line), &bytes);
	if (strcmp(wanted, "*") == 0) {
		wanted = field(&line);
		any = strcmp(wanted, "none") != 0;
		expected = strtoul(field(&line), NULL, 10);
		CHECK(frame_find_hello(bytes.bytes, bytes.size, &used, found) == any);
		CHECK(any ? used == expected : used <= expected);
		if (any) {
			read_bytes(wanted, &nonce);
			CHECK(memcmp(nonce.bytes, found, NONCE_SIZE) == 0);
		}
	}
	buffer_clear(&bytes);
	buffer_clear(&nonce);
}

static int for_each_vector(const char *file, void (*test)(char *line))
{
	static char line[8192];
	char path[512];
	FILE *vectors;
	int count = 0;

	snprintf(path, sizeof(path), "%s/%s", VECTORS, file);
	vectors = fopen(path, "r");
	CHECK(vectors != NULL);
	while (fgets(line, sizeof(line), vectors) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		test(line);
		count++;
	}
	fclose(vectors);
	return count;
}

static void frames_decode_as_the_vectors_say(void)
{
	CHECK(for_each_vector("frames.txt", decode_vector) >= 25);
}

static void hello_is_found_as_the_vectors_say(void)
{
	CHECK(for_each_vector("scan.txt", search_vector) >= 10);
}

/* A hello that arrives byte by byte is found, whatever is dropped before it. */
static void hello_is_found_in_pieces(void)
{
	uint8_t nonce[NONCE_SIZE] = {7};
	uint8_t found[NONCE_SIZE];
	struct buffer bytes = {0};
	uint8_t hello[HELLO_SIZE];
	size_t used = 0;

	frame_write_hello(hello, nonce);
	buffer_append(&bytes, hello, sizeof(hello) - NONCE_SIZE - 1);
	for (size_t i = 0; i < sizeof(hello); i++) {
		CHECK(!frame_find_hello(buffer_front(&bytes), bytes.size, &used, found));
		buffer_consume(&bytes, used);
		buffer_append(&bytes, &hello[i], 1);
	}
	CHECK(frame_find_hello(buffer_front(&bytes), bytes.size, &used, found));
	CHECK(memcmp(found, nonce, NONCE_SIZE) == 0);
	CHECK(used == bytes.size);
	buffer_clear(&bytes);
}

int main(void)
{
	RUN(frames_decode_as_the_vectors_say);
	RUN(hello_is_found_as_the_vectors_say);
	RUN(hello_is_found_in_pieces);
	return 0;
}
