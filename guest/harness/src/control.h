/* The control stream: puts messages together, has them answered, sends notifications. */
#ifndef AEGIS_CONTROL_H
#define AEGIS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is needed to answer a request, now or later. An answer to a session that is gone is dropped. */
struct ticket {
	json_int_t id;
	uint32_t session;
};

/* A piece of a message; false: the message is too long, a violation. */
bool control_piece(const uint8_t *bytes, size_t size, bool more);
/* Drops a message that is not complete. */
void control_forget(void);

/* Answers; `result` is taken over. */
void control_answer(const struct ticket *ticket, json_t *result);
void control_done(const struct ticket *ticket);
void control_refuse(const struct ticket *ticket, int code, int error_number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void control_notify_ready(void);
/* `params` is taken over. Without a session the notification is lost. */
void control_notify(const char *method, json_t *params);

#endif
