/* Words with the daemon: the command line, which it writes, so that a mistake ends us, and the lines that it reads. */
#include "jail.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>

static const struct option OPTIONS[] = {
	{"plain", 0, NULL, 'l'}, {"no-namespaces", 0, NULL, 'n'}, {"files", 0, NULL, 'f'}, {"uid", 1, NULL, 'u'},
	{"usr", 1, NULL, 'p'}, {"program", 1, NULL, PROGRAM}, {"ro", 1, NULL, READ_ONLY}, {"rw", 1, NULL, READ_WRITE},
	{"device", 1, NULL, DEVICE}, {"share-ro", 1, NULL, 's'}, {"share-rw", 1, NULL, 'S'}, {"file-bytes", 1, NULL, 'b'},
	{NULL, 0, NULL, 0},
};

struct place *add_place(struct options *options, enum kind kind, const char *source, const char *target)
{
	must(options->place_count < MAX_PLACES && source[0] == '/', "too many places, or not an absolute path: %s", source);
	struct place *place = &options->places[options->place_count++];
	*place = (struct place){.kind = kind, .source = source, .target = target};
	return place;
}

/* [NAME=]DEVICE:INODE:PATH. With names there may be several; one without is alone. */
static void add_share(struct options *options, enum kind kind, const char *value)
{
	const char *path = strchr(value, '/');
	must(path != NULL && options->share == NULL, "a share must be [NAME=]DEVICE:INODE:PATH, not %s", value);
	const char *name_end = memchr(value, '=', (size_t)(path - value));
	char *target = NULL;
	if (name_end != NULL)
		must(asprintf(&target, SHARES "/%.*s", (int)(name_end - value), value) > 0, "no memory");
	struct place *share = add_place(options, kind, path, target);
	share->identity = name_end != NULL ? name_end + 1 : value;
	if (name_end == NULL)
		options->share = share;
	else
		options->several = true;
}

void parse_options(struct options *options, int argc, char **argv)
{
	*options = (struct options){.namespaces = true, .file_bytes = RLIM_INFINITY};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "+", OPTIONS, NULL)) != -1;) {
		switch (option) {
		case 'l': options->plain = true; break;
		case 'n': options->namespaces = false; break;
		case 'f': options->files = true; break;
		case 'b': options->file_bytes = strtoul(optarg, NULL, 10); break;
		case 'u': options->uid = (uid_t)strtoul(optarg, NULL, 10); break;
		case 'p': add_place(options, PROGRAM, optarg, "/usr"); break;
		case 's': add_share(options, READ_ONLY, optarg); break;
		case 'S': add_share(options, READ_WRITE, optarg); break;
		case '?': fail("unknown option, or an option without a value");
		default: add_place(options, (enum kind)option, optarg, optarg);
		}
	}
	options->command = argv + optind;
	must(argv[optind] == NULL || argv[optind][0] == '/', "usage: aegis-jail [OPTIONS] -- /PROGRAM [ARGUMENTS]");
}

static int status = STDOUT_FILENO;

/* From here on stdout is what the program prints, beside its stderr. Returns the pipe that stdout was. */
int open_report(void)
{
	close_range(3, ~0U, 0); /* Of what it inherited, the launcher knows three descriptors. */
	for (int fd = -1; fd < SHARE_FD;) { /* Those that the program is to find are nothing's until then. */
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		must(fd >= 0, "cannot open /dev/null: %m");
	}
	status = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, SHARE_FD);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	return status;
}

/* A line is one write of less than a pipe takes at once, since launcher and child both speak. Without a reader it is lost. */
void say(const char *format, ...)
{
	char text[1024];
	va_list values;
	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	for (char *c = text; (c = strchr(c, '\n')) != NULL; *c = ' ')
		;
	dprintf(status, "%s\n", text);
}
