/* The stream frames of the host. Each function returns false when the frame breaks the protocol. */
#ifndef AEGIS_RECEIVE_H
#define AEGIS_RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

bool receive_data(uint32_t id, const uint8_t *bytes, uint32_t size);
bool receive_credit(uint32_t id, uint32_t bytes);
bool receive_eof(uint32_t id);
bool receive_reset(uint32_t id);

/* The session is over: every named stream ends at once. */
void receive_end(void);

#endif
