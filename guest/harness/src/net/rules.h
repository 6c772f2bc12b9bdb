/* The rules by which the guest's kernel leads to the harness what would leave by the gateway's interface. */
#ifndef AEGIS_RULES_H
#define AEGIS_RULES_H

#define GATEWAY_INTERFACE "aegis0"

/* The harness's ports: those for experiments (RFC 4727), which no service has. */
enum { GATEWAY_TCP_PORT = 1021, GATEWAY_DNS_PORT = 1022 };

/* 0 or an errno. */
int rules_set(void);
void rules_remove(void);

#endif
