/* The control stream: puts requests together, has them answered, sends notifications. */
#ifndef AEGIS_CONTROL_H
#define AEGIS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is needed to answer a request, now or later. An answer to a session that is over is dropped. */
struct ticket {
	json_int_t id;
	uint32_t session;
};

/* Who carries out requests: runs the method, which answers now or later. */
void control_serve(void (*dispatch)(const char *method, json_t *params, const struct ticket *ticket));

/* A session begins; says `ready`. */
void control_begin(void);
void control_end(void);
bool control_is_open(void);
/* A piece of a message; false: the message is too long, which breaks the protocol. */
bool control_piece(const uint8_t *bytes, size_t size, bool more);

/* Answers; takes ownership of `result`. */
void control_answer(const struct ticket *ticket, json_t *result);
/* Answers with an empty result. */
void control_done(const struct ticket *ticket);
/* Answers with an error. `error_number` is the errno, 0 for none. */
void control_refuse(const struct ticket *ticket, int code, int error_number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Whether this was the latest to be refused so. */
bool control_was_refused(const struct ticket *ticket);
/* Answers with an errno, and which path of several it is about. */
void control_refuse_path(const struct ticket *ticket, int error_number, const char *path, const char *text);

/* Takes ownership of `params`. Without a session, the notification is lost. */
void control_notify(const char *method, json_t *params);

#endif
