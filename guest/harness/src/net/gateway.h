/* The way out of a guest without a network of its own: all that its programs send goes to the host, which decides. */
#ifndef AEGIS_GATEWAY_H
#define AEGIS_GATEWAY_H

/* Where programs find a name server; any other address would do. */
#define GATEWAY_RESOLVER "198.18.0.1"

/* Sets it up, unless it is. 0 or an errno; the log says what failed. */
int gateway_open(void);
/* Takes it down. Then there is no way out, unless an interface has one. */
void gateway_close(void);

#endif
