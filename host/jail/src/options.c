/* The launcher's command line. It is written by the daemon, never by hand, so a mistake in it ends the launcher. */
#include "jail.h"

#include <getopt.h>
#include <stdlib.h>

static const struct option OPTIONS[] = {
	{"plain", 0, NULL, 'l'}, {"walls", 0, NULL, 'w'}, {"no-namespaces", 0, NULL, 'n'}, {"files", 0, NULL, 'f'},
	{"stdin", 0, NULL, 'i'}, {"uid", 1, NULL, 'u'}, {"usr", 1, NULL, 'p'}, {"program", 1, NULL, PROGRAM},
	{"ro", 1, NULL, READ_ONLY}, {"rw", 1, NULL, READ_WRITE}, {"device", 1, NULL, DEVICE},
	{"share-ro", 1, NULL, 's'}, {"share-rw", 1, NULL, 'S'}, {NULL, 0, NULL, 0},
};

static void add_place(struct options *options, enum kind kind, const char *source, const char *target)
{
	if (options->place_count == MAX_PLACES || source[0] != '/')
		fail("too many places, or no absolute path: %s", source);
	options->places[options->place_count++] = (struct place){.kind = kind, .source = source, .target = target};
}

/* DEVICE:INODE:PATH */
static void set_share(struct place *share, enum kind kind, const char *value)
{
	unsigned long long device;
	unsigned long long inode;
	int path = 0;
	if (sscanf(value, "%llu:%llu:%n", &device, &inode, &path) != 2 || value[path] != '/')
		fail("a share is DEVICE:INODE:PATH, not %s", value);
	*share = (struct place){.kind = kind, .source = value + path, .device = device, .inode = inode};
}

static void set(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'l': options->plain = true; break;
	case 'w': options->walls = true; break;
	case 'n': options->namespaces = false; break;
	case 'f': options->files = true; break;
	case 'i': options->input = true; break;
	case 'u': options->uid = (uid_t)strtoul(value, NULL, 10); break;
	case 'p': add_place(options, PROGRAM, value, "/usr"); break;
	case 's': set_share(&options->share, READ_ONLY, value); break;
	case 'S': set_share(&options->share, READ_WRITE, value); break;
	case '?': fail("unknown option, or one without its value");
	default: add_place(options, (enum kind)option, value, value);
	}
}

void parse_options(struct options *options, int argc, char **argv)
{
	*options = (struct options){.namespaces = true};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "+", OPTIONS, NULL)) != -1;)
		set(options, option, optarg);
	options->command = argv + optind;
	if (!options->walls && (options->command[0] == NULL || options->command[0][0] != '/'))
		fail("usage: aegis-jail [OPTIONS] -- /PROGRAM [ARGUMENTS]");
}
