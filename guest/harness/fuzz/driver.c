/* A driver for fuzz targets without libFuzzer: seeded mutations of the corpus, for a number of seconds or runs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUTS_MAX = 256, INPUT_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint8_t *bytes;
	size_t size;
} inputs[INPUTS_MAX];
static size_t input_count;
static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64, the same sequence each time. */
static size_t below(size_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return limit == 0 ? 0 : (size_t)(state % limit);
}

static void read_input(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL || input_count == INPUTS_MAX)
		return;
	inputs[input_count].bytes = malloc(INPUT_MAX);
	if (inputs[input_count].bytes == NULL)
		abort();
	inputs[input_count].size = fread(inputs[input_count].bytes, 1, INPUT_MAX, file);
	input_count++;
	fclose(file);
}

/* Changes, removes, repeats or splices a few bytes. */
static size_t mutate(uint8_t *bytes, size_t size)
{
	size_t other = below(input_count);
	size_t at = below(size);
	size_t length = below(16);

	switch (below(5)) {
	case 0:
		if (size > 0)
			bytes[at] = (uint8_t)below(256);
		return size;
	case 1:
		if (size > 0)
			bytes[at] ^= (uint8_t)(1U << below(8));
		return size;
	case 2:
		if (at + length > size)
			length = size - at;
		memmove(bytes + at, bytes + at + length, size - at - length);
		return size - length;
	case 3:
		if (at + length > size || size + length > INPUT_MAX)
			return size;
		memmove(bytes + at + length, bytes + at, size - at);
		return size + length;
	default:
		if (length > inputs[other].size || size + length > INPUT_MAX)
			return size;
		memcpy(bytes + size, inputs[other].bytes + below(inputs[other].size - length + 1), length);
		return size + length;
	}
}

static void try_one(void)
{
	size_t base = below(input_count);
	size_t size = inputs[base].size;
	uint8_t *bytes = malloc(INPUT_MAX);
	uint8_t *exact;

	if (bytes == NULL)
		abort();
	memcpy(bytes, inputs[base].bytes, size);
	for (size_t i = 1 + below(8); i > 0; i--)
		size = mutate(bytes, size);
	/* In memory of exactly this size, so that a sanitizer sees every byte read past the end. */
	exact = realloc(bytes, size > 0 ? size : 1);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	unsigned long runs = 0;
	unsigned long max;
	time_t end;

	if (argc < 4) {
		fprintf(stderr, "usage: %s SECONDS RUNS INPUT… (RUNS 0: no limit)\n", argv[0]);
		return 64;
	}
	max = strtoul(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++)
		read_input(argv[i]);
	if (input_count == 0) {
		fprintf(stderr, "%s: no input can be read\n", argv[0]);
		return 64;
	}
	for (size_t i = 0; i < input_count; i++)
		LLVMFuzzerTestOneInput(inputs[i].bytes, inputs[i].size);
	for (end = time(NULL) + atol(argv[1]); time(NULL) < end && (max == 0 || runs < max); runs += 1000)
		for (int i = 0; i < 1000; i++)
			try_one();
	printf("%s: %lu inputs, no failure\n", argv[0], runs);
	return 0;
}
