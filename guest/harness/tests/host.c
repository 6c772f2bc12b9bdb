/* The host's side of the channel, for tests: blocking, simple, and strict about what the harness may send. */
#include "host.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { WAIT_MS = 20000 };

char **host_program;

void host_start(struct host *host)
{
	int ends[2];

	memset(host, 0, sizeof(*host));
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	host->fd = ends[0];
	host->grants = true;
	host->keeps = true;
	host->pid = fork();
	CHECK(host->pid >= 0);
	if (host->pid == 0) {
		char *arguments[32];
		size_t count = 0;
		char number[16];
		int fd = dup(ends[1]); /* without close-on-exec */

		/* The log of all harnesses, and the reports of sanitizers. */
		dup2(open("build/harness.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), STDERR_FILENO);
		snprintf(number, sizeof(number), "%d", fd);
		while (host_program[count] != NULL && count < 24) {
			arguments[count] = host_program[count];
			count++;
		}
		arguments[count++] = strdup("--channel-fd");
		arguments[count++] = number;
		arguments[count++] = strdup("--no-mounts");
		arguments[count] = NULL;
		execvp(arguments[0], arguments);
		_exit(127);
	}
	close(ends[1]);
}

static void reset_state(struct host *host)
{
	for (int i = 0; i < HOST_STREAMS; i++) {
		buffer_clear(&host->streams[i].data);
		host->streams[i] = (struct host_stream){.reset = -1, .credit = 65536, .allowed = 65536};
	}
	json_decref(host->answers);
	json_decref(host->notes);
	host->answers = json_array();
	host->notes = json_array();
	host->connection_credit = 1048576;
	host->connection_allowed = 1048576;
	host->connection_owed = 0;
	buffer_clear(&host->message);
}

void host_send(struct host *host, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size > 0) {
		ssize_t put = send(host->fd, at, size, MSG_NOSIGNAL);

		if (put < 0)
			return; /* The harness has ended; the test sees that when it reads. */
		at += put;
		size -= (size_t)put;
	}
}

void host_send_frame(struct host *host, enum frame_type type, uint32_t stream, const void *payload, size_t size)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_write_header(header, type, 0, stream, size);
	host_send(host, header, sizeof(header));
	host_send(host, payload, size);
}

void host_send_number(struct host *host, enum frame_type type, uint32_t stream, uint32_t number)
{
	uint8_t bytes[4];

	if (type == FRAME_CREDIT)
		*(stream == 0 ? &host->connection_allowed : &host->streams[stream].allowed) += number;
	frame_write_number(bytes, number);
	host_send_frame(host, type, stream, bytes, sizeof(bytes));
}

void host_send_text(struct host *host, const char *text, size_t size)
{
	uint8_t header[FRAME_HEADER_SIZE];

	do {
		size_t piece = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;

		frame_write_header(header, FRAME_CONTROL, piece < size ? FRAME_FLAG_MORE : 0, 0, piece);
		host_send(host, header, sizeof(header));
		host_send(host, text, piece);
		text += piece;
		size -= piece;
	} while (size > 0);
}

static void take_message(struct host *host)
{
	json_t *message = json_loadb((const char *)host->message.bytes + host->message.start, host->message.size, 0, NULL);

	CHECK(message != NULL);
	buffer_clear(&host->message);
	if (json_object_get(message, "method") != NULL)
		json_array_append_new(host->notes, message);
	else
		json_array_append_new(host->answers, message);
}

static void take_data(struct host *host, const struct frame *frame)
{
	struct host_stream *stream = &host->streams[frame->stream];

	CHECK(!stream->eof && stream->reset < 0);
	CHECK(frame->length <= stream->allowed && frame->length <= host->connection_allowed);
	stream->allowed -= frame->length;
	host->connection_allowed -= frame->length;
	stream->total += frame->length;
	stream->owed += frame->length;
	host->connection_owed += frame->length;
	if (host->keeps)
		buffer_append(&stream->data, frame->payload, frame->length);
	if (host->grants && stream->owed >= 32768) {
		host_send_number(host, FRAME_CREDIT, frame->stream, stream->owed);
		stream->owed = 0;
	}
	if (host->grants && host->connection_owed >= 65536) {
		host_send_number(host, FRAME_CREDIT, 0, host->connection_owed);
		host->connection_owed = 0;
	}
}

static void take(struct host *host, const struct frame *frame)
{
	CHECK(frame->stream < HOST_STREAMS);
	switch (frame->type) {
	case FRAME_HELLO:
		CHECK(!"a hello in the middle of a session");
		break;
	case FRAME_CONTROL:
		buffer_append(&host->message, frame->payload, frame->length);
		if (!(frame->flags & FRAME_FLAG_MORE))
			take_message(host);
		break;
	case FRAME_DATA:
		take_data(host, frame);
		break;
	case FRAME_CREDIT:
		*(frame->stream == 0 ? &host->connection_credit : &host->streams[frame->stream].credit) +=
			frame_number(frame);
		break;
	case FRAME_EOF:
		CHECK(!host->streams[frame->stream].eof);
		host->streams[frame->stream].eof = true;
		break;
	case FRAME_RESET:
		host->streams[frame->stream].reset = (int)frame_number(frame);
		break;
	}
}

static void take_frames(struct host *host)
{
	struct frame frame;
	enum frame_verdict verdict;

	while ((verdict = frame_decode(buffer_front(&host->input), host->input.size, &frame)) == FRAME_COMPLETE) {
		take(host, &frame);
		buffer_consume(&host->input, FRAME_HEADER_SIZE + (size_t)frame.length);
	}
	CHECK(verdict != FRAME_VIOLATION);
}

static bool read_more(struct host *host)
{
	struct pollfd wait = {.fd = host->fd, .events = POLLIN};
	ssize_t got;

	CHECK(poll(&wait, 1, WAIT_MS) == 1);
	got = read(host->fd, buffer_room(&host->input, 65536), 65536);
	if (got <= 0) {
		host->closed = true;
		return false;
	}
	buffer_grew(&host->input, (size_t)got);
	return true;
}

void host_step(struct host *host)
{
	CHECK(!host->closed);
	if (read_more(host))
		take_frames(host);
}

void host_hello(struct host *host)
{
	static uint8_t counter;
	uint8_t nonce[NONCE_SIZE] = {0xa5, ++counter};
	uint8_t hello[HELLO_SIZE];

	reset_state(host);
	frame_write_hello(hello, nonce);
	host_send(host, hello, sizeof(hello));
	for (;;) {
		const uint8_t *found = host->input.size < HELLO_SIZE
					       ? NULL
					       : memmem(buffer_front(&host->input), host->input.size, hello, HELLO_SIZE);

		if (found != NULL) {
			buffer_consume(&host->input, (size_t)(found - buffer_front(&host->input)) + HELLO_SIZE);
			break;
		}
		CHECK(read_more(host));
	}
	take_frames(host);
	UNTIL(host, json_array_size(host->notes) > 0);
	CHECK(strcmp(json_string_value(json_object_get(json_array_get(host->notes, 0), "method")), "ready") == 0);
}

static void wait_for_exit(struct host *host)
{
	int status;

	CHECK(waitpid(host->pid, &status, 0) == host->pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	reset_state(host);
	buffer_clear(&host->input);
	json_decref(host->answers);
	json_decref(host->notes);
}

void host_stop(struct host *host)
{
	close(host->fd);
	wait_for_exit(host);
}

void host_expect_end(struct host *host)
{
	UNTIL(host, host->closed);
	close(host->fd);
	wait_for_exit(host);
}

json_int_t host_request(struct host *host, const char *method, const char *params)
{
	struct buffer text = {0};
	char start[160];

	snprintf(start, sizeof(start), "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":\"%s\",\"params\":",
		 (long long)++host->last_id, method);
	buffer_append(&text, start, strlen(start));
	for (const char *at = params; *at != '\0'; at++)
		buffer_append(&text, *at == '\'' ? "\"" : at, 1);
	buffer_append(&text, "}", 1);
	host_send_text(host, (const char *)text.bytes, text.size);
	buffer_clear(&text);
	return host->last_id;
}

static json_t *find_answer(struct host *host, json_int_t id)
{
	size_t index;
	json_t *answer;

	json_array_foreach (host->answers, index, answer)
		if (json_integer_value(json_object_get(answer, "id")) == id)
			return answer;
	return NULL;
}

json_t *host_answer(struct host *host, json_int_t id)
{
	UNTIL(host, find_answer(host, id) != NULL);
	return find_answer(host, id);
}

bool host_call(struct host *host, const char *method, const char *params)
{
	return host_call_code(host, method, params) == 0;
}

int host_call_code(struct host *host, const char *method, const char *params)
{
	json_t *answer = host_answer(host, host_request(host, method, params));

	return (int)json_integer_value(json_object_get(json_object_get(answer, "error"), "code"));
}

json_t *host_exited(struct host *host, const char *exec_id)
{
	size_t index;
	json_t *note;

	json_array_foreach (host->notes, index, note) {
		json_t *params = json_object_get(note, "params");
		const char *id = json_string_value(json_object_get(params, "exec_id"));

		if (id != NULL && strcmp(id, exec_id) == 0)
			return params;
	}
	return NULL;
}

json_t *host_wait_exited(struct host *host, const char *exec_id)
{
	UNTIL(host, host_exited(host, exec_id) != NULL);
	return host_exited(host, exec_id);
}

bool host_data_is(struct host *host, uint32_t stream, const char *text)
{
	struct buffer *data = &host->streams[stream].data;

	return data->size == strlen(text) && (data->size == 0 || memcmp(buffer_front(data), text, data->size) == 0);
}

void host_send_input(struct host *host, uint32_t stream, size_t size)
{
	static const uint8_t bytes[32768];
	size_t answers = json_array_size(host->answers);
	struct host_stream *to = &host->streams[stream];

	while (size > 0) {
		size_t piece = size < sizeof(bytes) ? size : sizeof(bytes);

		UNTIL(host, (to->credit >= piece && host->connection_credit >= piece) ||
				    json_array_size(host->answers) > answers);
		if (json_array_size(host->answers) > answers)
			return;
		host_send_frame(host, FRAME_DATA, stream, bytes, piece);
		to->credit -= piece;
		host->connection_credit -= piece;
		size -= piece;
	}
}
