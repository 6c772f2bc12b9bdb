/* Base64 of RFC 4648, with its padding: bytes in JSON. */
#ifndef AEGIS_BASE64_H
#define AEGIS_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Puts the bytes of a text into `bytes`, and returns how many they are; -1: no base64, or more than `room` bytes. */
ssize_t base64_read(const char *text, uint8_t *bytes, size_t room);
/* The text, which the caller frees. */
char *base64_write(const uint8_t *bytes, size_t size);

#endif
