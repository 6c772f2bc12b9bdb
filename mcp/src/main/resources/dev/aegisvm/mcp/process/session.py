# Runs snippets one after the other in one interpreter: in IPython once one needs it, where the image has it, since it takes
# seconds to load; else plain.
# stdin: "MARK BYTES\n" and the code. Afterwards: MARK, a name and a picture for each that was shown, drawn or made, then "MARK STATUS".
# With the arguments MARK and the code: that alone, which has stdin for itself, and no status but that of the process.
import ast, atexit, base64, builtins, io, linecache, os, re, signal, sys, time, traceback, types, warnings

# A snippet may put something else in the place of its outputs, or close them.
out, err = os.dup(1), os.dup(2)
os.environ.setdefault("MPLBACKEND", "Agg")
driver = os.getpid()
# Kept: another module takes its place, where pickle looks for what a snippet defines.
own = sys.modules["__main__"]
module = sys.modules["__main__"] = types.ModuleType("__main__")
shell, shown, told = None, [], set()
PICTURES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml"}
TEXTS = {"markdown": "text/markdown", "html": "text/html", "latex": "text/latex", "json": "application/json"}
# A text that says no more than that there is something.
NOTHING_SAID = re.compile(r"<[\w.]+( object)?( at 0x[0-9a-f]+)?>")

# What IPython understands: %magic, !command, help?
MAGIC = re.compile(r"(?m)^\s*[%!?]|=\s*[%!]|\?\s*$")


def drawn(svg):
    import subprocess

    try:
        draw = ["rsvg-convert", "-a", "-w", "1200", "-h", "1200"]
        return subprocess.run(draw, input=svg.encode(), stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as obstacle:
        print("an SVG is not shown:", obstacle, file=sys.stderr)


def keep(data):
    """Keeps the picture among the forms of a value, and gives its text."""
    mime = next((mime for mime in PICTURES.values() if mime in data), None)
    if mime:
        shown.append(drawn(data[mime]) if mime == "image/svg+xml" else data[mime])
    text = data.get("text/plain", "")
    if mime or not NOTHING_SAID.fullmatch(text):
        return text
    rich = next((data[mime] for mime in TEXTS.values() if mime in data), text)
    if isinstance(rich, str):
        return rich
    import json

    return json.dumps(rich)


def display(*values, **_):
    for value in values:
        data = {"text/plain": repr(value)}
        forms = PICTURES | TEXTS if NOTHING_SAID.fullmatch(data["text/plain"]) else PICTURES
        for form, mime in forms.items():
            made = getattr(value, f"_repr_{form}_", lambda: None)() if not isinstance(value, type) else None
            if made is not None:
                data[mime] = made[0] if isinstance(made, tuple) else made
        print(keep(data))


def load():
    """Tells whether there is an IPython, which runs all that comes."""
    global shell
    try:
        from IPython.core.displayhook import DisplayHook
        from IPython.core.displaypub import DisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config
    except ImportError:
        return False

    class Hook(DisplayHook):
        prompt_end_newline = True

        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            super().write_format_data({"text/plain": keep(format_dict)}, md_dict)

    class Publisher(DisplayPublisher):
        def publish(self, data, *_, **__):
            print(keep(data))

    class Shell(InteractiveShell):
        # Its own takes seconds the first time, and an interrupt has to be over soon.
        def showtraceback(self, mistake=None, *_, **__):
            # One that ends the snippet is shown when it has ended; this is of a __repr__ or the like.
            if mistake:
                show(mistake[1])

        def showsyntaxerror(self, *_, **__):
            pass

    warnings.filterwarnings("ignore", "To exit: use")
    # It keeps its history in memory only.
    settings = Config(HistoryManager={"enabled": False}, InteractiveShell={"colors": "nocolor"})
    shell = Shell.instance(
        config=settings, displayhook_class=Hook, display_pub_class=Publisher, user_module=module, user_ns=vars(module)
    )
    shell.user_ns.update(exit=sys.exit, quit=sys.exit)
    shell.display_formatter.active_types = shell.display_formatter.format_types
    return True


builtins.display = display


def compiled(code):
    tree = ast.parse(code, "<snippet>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return (
        compile(tree, "<snippet>", "exec"),
        last and compile(ast.Expression(last.value), "<snippet>", "eval"),
    )


def plain(body, last):
    exec(body, vars(module))
    value = eval(last, vars(module)) if last else None
    if value is not None:
        module._ = value
        display(value)


def show(mistake):
    snippet = mistake.__traceback__
    while snippet and not snippet.tb_frame.f_code.co_filename.startswith(("<snippet>", "<ipython-input")):
        snippet = snippet.tb_next
    traceback.print_exception(mistake.with_traceback(snippet))


def run(code):
    try:
        parts = None
        if not shell and not ("ipython" in code.lower() and load()):
            try:
                parts = compiled(code)
            except SyntaxError as mistake:
                # Else it is a mistake, and IPython would not help.
                wanted = "'await' outside" in str(mistake) or MAGIC.search(code)
                if not wanted or not load():
                    raise
        if parts:
            plain(*parts)
        else:
            shell.run_cell(code, store_history=True).raise_error()
        return 0
    except SystemExit as ending:
        if isinstance(ending.code, str):
            print(ending.code, file=sys.stderr)
        return ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
    except BaseException as mistake:
        show(mistake)
        return 1


def pictures(since):
    for picture in filter(None, shown):
        yield "displayed", picture if isinstance(picture, bytes) else base64.b64decode(picture)
    plot = sys.modules.get("matplotlib.pyplot")
    for number in plot.get_fignums() if plot else []:
        picture = io.BytesIO()
        plot.figure(number).savefig(picture, format="png")
        plot.close(number)
        yield f"figure {number}", picture.getvalue()
    for entry in sorted(os.scandir("."), key=lambda entry: entry.name):
        if not entry.name.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")) or not entry.is_file():
            continue
        file = entry.stat()
        made = file.st_ino, file.st_mtime_ns
        if file.st_mtime >= since and made not in told and file.st_size <= 700000:
            told.add(made)
            with open(entry.path, "rb") as file:
                yield entry.name, file.read()


def tell(to, text):
    rest = text.encode(errors="replace")
    while rest:
        rest = rest[os.write(to, rest):]


def flush(stream):
    try:
        stream.flush()
    except Exception:
        pass


def tell_pictures(mark, made):
    if os.getpid() != driver:
        return
    try:
        for count, (name, picture) in enumerate(made):
            fits = count < 4 and len(picture) <= 700000
            tell(out, "\n" + mark + "\n" + name + "\n" + (base64.encodebytes(picture).decode() if fits else ""))
    except Exception:
        tell(err, traceback.format_exc())


# A file's time is that of the kernel's last tick.
def now():
    return time.time() - 0.02


if len(sys.argv) > 1:
    mark, code = sys.argv[1:]
    del sys.argv[1:]
    linecache.cache["<snippet>"] = len(code), None, code.splitlines(True), "<snippet>"
    since, made = now(), []
    # What is registered first is called last, when threads have ended; by then matplotlib has closed its figures.
    atexit.register(tell_pictures, mark, made)
    atexit.register(lambda: flush(sys.stdout))
    status = run(code)
    try:
        made += pictures(since)
    except Exception:
        traceback.print_exc()
    sys.exit(status)

requests = os.fdopen(os.dup(0), "rb")
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
# Only a snippet is interrupted.
signal.signal(signal.SIGINT, signal.SIG_IGN)
while line := requests.readline():
    mark, size = line.decode().split()
    code = requests.read(int(size)).decode()
    since = now()
    shown.clear()
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = run(code)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        status = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    flush(sys.stdout)
    if os.getpid() != driver:
        # A child that a snippet forked ends where the snippet does.
        flush(sys.stderr)
        os._exit(status & 255)
    tell_pictures(mark, pictures(since))
    flush(sys.stderr)
    tell(err, "\n" + mark + " 0\n")
    tell(out, "\n" + mark + " " + str(status & 255) + "\n")
