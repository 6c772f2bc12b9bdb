/* The harness's own log: one line each, to the kernel's ring buffer as PID 1, else to stderr. */
#ifndef AEGIS_LOG_H
#define AEGIS_LOG_H

void log_to_kernel(void);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
