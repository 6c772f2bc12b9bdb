# Runs snippets one after the other in one interpreter: IPython where the image has it, else plain.
# stdin: "MARK BYTES\n" and the code. Afterwards: MARK and a picture for each open figure, then "MARK STATUS".
import ast, base64, io, os, signal, sys, traceback

requests = os.fdopen(os.dup(0), "rb")
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
os.environ.setdefault("MPLBACKEND", "Agg")
names = {"__name__": "__main__"}
try:
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor")
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


def pictures():
    plot = sys.modules.get("matplotlib.pyplot")
    for number in plot.get_fignums()[:4] if plot else []:
        picture = io.BytesIO()
        plot.figure(number).savefig(picture, format="png")
        plot.close(number)
        yield base64.encodebytes(picture.getvalue()).decode()


# Only a snippet is interrupted.
signal.signal(signal.SIGINT, signal.SIG_IGN)
while line := requests.readline():
    mark, size = line.decode().split()
    code = requests.read(int(size)).decode()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = run(code)
    except KeyboardInterrupt:
        status = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for picture in pictures():
            print("\n" + mark + "\n" + picture, end="")
    except Exception:
        traceback.print_exc()
    sys.stderr.write("\n" + mark + " 0\n")
    sys.stderr.flush()
    print("\n" + mark + " " + str(status & 255), flush=True)
