# Runs snippets one after the other in one interpreter: IPython where the image has it, else plain.
# stdin: "MARK BYTES\n" and the code. Afterwards: MARK and a picture for each that was shown, drawn or made, then "MARK STATUS".
import ast, base64, io, os, signal, sys, time, traceback

requests = os.fdopen(os.dup(0), "rb")
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
os.environ.setdefault("MPLBACKEND", "Agg")
names = {"__name__": "__main__"}
shown = []
try:
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    def keep(data):
        shown.extend(data[form] for form in ("image/png", "image/jpeg") if form in data)

    class Hook(DisplayHook):
        def write_format_data(self, format_dict, md_dict=None):
            keep(format_dict)
            super().write_format_data(format_dict, md_dict)

    class Publisher(DisplayPublisher):
        def publish(self, data, *_, **__):
            keep(data)
            print(data.get("text/plain", ""))

    shell = InteractiveShell.instance(displayhook_class=Hook, display_pub_class=Publisher)
    shell.run_line_magic("colors", "nocolor")
    shell.display_formatter.active_types = shell.display_formatter.format_types
except ImportError:
    shell = None


def plain(code):
    tree = ast.parse(code, "<snippet>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<snippet>", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<snippet>", "eval"), names)
        if value is not None:
            print(repr(value))


def run(code):
    if shell:
        return 0 if shell.run_cell(code, store_history=True).success else 1
    try:
        plain(code)
        return 0
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
    except BaseException:
        traceback.print_exc()
        return 1


def pictures(since):
    for picture in shown:
        yield picture if isinstance(picture, bytes) else base64.b64decode(picture)
    plot = sys.modules.get("matplotlib.pyplot")
    for number in plot.get_fignums() if plot else []:
        picture = io.BytesIO()
        plot.figure(number).savefig(picture, format="png")
        plot.close(number)
        yield picture.getvalue()
    for entry in os.scandir("."):
        made = entry.name.endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")) and entry.is_file()
        if made and entry.stat().st_mtime >= since and entry.stat().st_size <= 700000:
            with open(entry.path, "rb") as file:
                yield file.read()


# Only a snippet is interrupted.
signal.signal(signal.SIGINT, signal.SIG_IGN)
while line := requests.readline():
    mark, size = line.decode().split()
    code = requests.read(int(size)).decode()
    # A file's time is that of the kernel's last tick.
    since = time.time() - 0.02
    shown.clear()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = run(code)
    except KeyboardInterrupt:
        status = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _, picture in zip(range(4), pictures(since)):
            print("\n" + mark + "\n" + base64.encodebytes(picture).decode(), end="")
    except Exception:
        traceback.print_exc()
    sys.stderr.write("\n" + mark + " 0\n")
    sys.stderr.flush()
    print("\n" + mark + " " + str(status & 255), flush=True)
