/* The host's side of the channel, for tests: starts the harness on a socket and speaks the protocol with it. */
#ifndef AEGIS_HOST_H
#define AEGIS_HOST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "channel/frame.h"

enum { HOST_STREAMS = 64 };

/* What came on one stream. */
struct host_stream {
	struct buffer data;
	size_t total; /* counted even when the data is not kept */
	bool eof;
	int reset; /* reason, -1 for none */
	uint64_t credit; /* how much we may send */
	uint64_t allowed; /* how much the harness may send */
	uint32_t owed;
};

struct host {
	int fd;
	pid_t pid;
	bool closed;
	bool grants; /* false: grants no more credit */
	bool keeps; /* false: only counts data */
	struct buffer input;
	struct buffer message;
	json_t *answers; /* array */
	json_t *notes; /* array */
	json_int_t last_id;
	uint64_t connection_credit;
	uint64_t connection_allowed;
	uint32_t connection_owed;
	struct host_stream streams[HOST_STREAMS];
};

/* Starts the harness that host_program names. Does not send HELLO. */
void host_start(struct host *host);
void host_hello(struct host *host);
/* Closes the channel and expects the harness to exit with 0. */
void host_stop(struct host *host);
/* Waits for the harness to close the channel and to end. */
void host_expect_end(struct host *host);

void host_send(struct host *host, const void *bytes, size_t size);
void host_send_frame(struct host *host, enum frame_type type, uint32_t stream, const void *payload, size_t size);
void host_send_number(struct host *host, enum frame_type type, uint32_t stream, uint32_t number);
void host_send_text(struct host *host, const char *text, size_t size);

/* Sends that many zeros on a stream, as credit allows. Stops when a request is answered: then they are not wanted. */
void host_send_input(struct host *host, uint32_t stream, size_t size);

/* Sends a request whose params are the JSON text (with ' for "), and returns its id. */
json_int_t host_request(struct host *host, const char *method, const char *params);
/* Waits for the answer; borrowed until the next call. */
json_t *host_answer(struct host *host, json_int_t id);
/* Request and answer. True: it has a result. */
bool host_call(struct host *host, const char *method, const char *params);
/* Request and answer; the error's code, 0 for a result. */
int host_call_code(struct host *host, const char *method, const char *params);

/* Reads what there is. Fails if nothing comes for 20 s. */
void host_step(struct host *host);
/* The params of this exec's `exited` notification, or NULL. */
json_t *host_exited(struct host *host, const char *exec_id);
/* Waits for it. */
json_t *host_wait_exited(struct host *host, const char *exec_id);
bool host_data_is(struct host *host, uint32_t stream, const char *text);

#define UNTIL(host, condition)         \
	do {                           \
		while (!(condition))   \
			host_step(host); \
	} while (0)

/* The command line before "--channel-fd N --no-mounts", NULL-terminated. */
extern char **host_program;

#endif
