/* The harness's own log: to stderr, or as PID 1 to the kernel's log. */
#ifndef AEGIS_LOG_H
#define AEGIS_LOG_H

void log_to_kernel(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
