/* Params of the calls about the machine. */
#include "machine/params.h"

#include <string.h>

#include "base/base64.h"
#include "channel/params.h"

enum { DEVICE_NAME_MAX = 15, HOSTNAME_MAX = 63 };

bool device_name_is_valid(const char *name)
{
	return params_name_is_plain(name, DEVICE_NAME_MAX, "-_.");
}

static bool is_machine_id(const char *text)
{
	return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static bool read_network(json_t *network, struct identity_params *params)
{
	params->has_network = json_is_object(network);
	if (network == NULL || json_is_null(network))
		return true;
	if (!params->has_network || !params_text(network, "interface", &params->interface) ||
	    !params_text(network, "address", &params->address) || !params_text(network, "gateway", &params->gateway))
		return false;
	params->dns = json_object_get(network, "dns");
	return params->interface != NULL && device_name_is_valid(params->interface);
}

bool identity_params_read(json_t *json, struct identity_params *params, char *why)
{
	const char *entropy;
	json_t *time = json_object_get(json, "unix_ns");

	memset(params, 0, sizeof(*params));
	if (!params_text(json, "entropy", &entropy) || entropy == NULL ||
	    base64_read(entropy, params->entropy, sizeof(params->entropy)) != ENTROPY_SIZE)
		return params_refuse(why, "entropy must be 64 bytes in base64");
	params->unix_ns = json_integer_value(time);
	if (!json_is_integer(time) || params->unix_ns <= 0)
		return params_refuse(why, "unix_ns must be nanoseconds since 1970");
	if (!params_text(json, "hostname", &params->hostname) || params->hostname == NULL ||
	    !params_name_is_plain(params->hostname, HOSTNAME_MAX, "-."))
		return params_refuse(why, "hostname must be 1 to 63 of A-Z a-z 0-9 - .");
	if (!params_text(json, "machine_id", &params->machine_id) || params->machine_id == NULL ||
	    !is_machine_id(params->machine_id))
		return params_refuse(why, "machine_id must be 32 hex digits");
	if (!params_text(json, "hosts", &params->hosts))
		return params_refuse(why, "hosts must be a string");
	if (!read_network(json_object_get(json, "network"), params))
		return params_refuse(why, "network must name its interface, with strings for address and gateway");
	if (!params_flag(json, "gateway", false, &params->by_gateway) || (params->by_gateway && params->has_network))
		return params_refuse(why, "gateway must be true or false, and is instead of network");
	return true;
}
