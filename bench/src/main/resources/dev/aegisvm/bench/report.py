#!/usr/bin/env python3
"""Prints the tables of a run of the bench, and keeps its values; makes docs/PERFORMANCE.md and the data of its plots
again when all has been measured.

    report.py RUN CHECKOUT      RUN is a file with what a run has measured, as Results.java writes it
    report.py page CHECKOUT     makes the page of the values that are kept beside its plots
"""
import json
import math
import os
import re
import sys
from collections import namedtuple
from decimal import ROUND_HALF_UP, Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
HEADINGS = ["", "p50", "p90", "p99", "max", "unit", "n", "first row ÷ this", "target", "came"]
TARGET = re.compile(r"([≤≥]) ([\d.]+)(?: (×|\+|tail ×) (\S+))?")
NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")
COMMANDS = ["bench", "soak"]
# With fewer values, a p99 would be little more than the maximum.
ENOUGH_FOR_P99 = 300
# Facts in which two runs of the same programs on the same machine differ.
OF_ONE_RUN = {"date", "load before", "load after"}

# A line of rows.txt; group is the line of the first of those that are repeated together, plot empty where it is in none.
Kind = namedtuple("Kind", "subject group line title unit target plot")
# A row of a table; x is where it stands in its plot.
Row = namedtuple("Row", "name subject order title unit target plot x values")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def read_rows():
    """The titles of subjects by their words, and the kinds of rows by their names."""
    text = read(os.path.join(HERE, "rows.txt"))
    subjects, kinds = {}, {}
    subject, group, repeated = "", 0, False
    for line in text[text.index("\n# ") :].splitlines():
        cells = [cell.strip() for cell in (line + " | | | |").split("|")]
        if line.startswith("# "):
            subject = cells[0][2:]
            subjects[subject] = cells[1]
        elif line:
            repeats = re.search(r"\bN\b", cells[0]) is not None
            group = group if repeated and repeats else len(kinds)
            repeated = repeats
            kinds[cells[0]] = Kind(subject, group, len(kinds), *cells[1:5])
    return subjects, kinds


SUBJECTS, KINDS = read_rows()


def row(name, values):
    number = NUMBER.search(name)
    head, _, last = name.rpartition(".")
    if name in KINDS:
        kind, word = KINDS[name], None
    elif number:
        kind, word = KINDS[NUMBER.sub("N", name, count=1)], number.group()
    else:
        kind, word = KINDS[head + ".*"], last

    def filled(text):
        return text if word is None else re.sub(r"\bN\b", word, text).replace("*", word)

    x = float(number.group()) if number else 0.0
    order = (kind.group, x, kind.line)
    return Row(name, kind.subject, order, filled(kind.title), kind.unit, filled(kind.target), kind.plot, x, values)


def sections(measured):
    """Rows by their subjects, all in the order of the page."""
    found = {}
    for each in sorted((row(name, values) for name, values in measured.items()), key=lambda each: each.order):
        found.setdefault(each.subject, []).append(each)
    return found


def percentiles(values):
    """Each is a value that was measured (nearest rank)."""
    ranked = sorted(values)

    def rank(percent):
        return ranked[math.ceil(len(ranked) * percent / 100) - 1]

    found = {"n": len(ranked), "min": ranked[0], "p50": rank(50), "p90": rank(90), "max": ranked[-1]}
    return found | ({"p99": rank(99)} if len(ranked) >= ENOUGH_FOR_P99 else {})


def number(value):
    """Three digits are as much as a measurement is good for."""
    digits = "1" if value >= 100 or value == round(value) else "0.1" if value >= 10 else "0.01"
    return str(Decimal(repr(float(value))).quantize(Decimal(digits), ROUND_HALF_UP))


def part(row):
    """Whether it is a part of the row before it, or is compared with it."""
    return row.title.startswith("· ")


def cells(row, first, measured):
    p, unit = row.values, row.unit
    compared = part(row) and unit == first.unit and p["p50"] != 0
    return [
        row.title,
        number(p["p50"]),
        number(p["p90"]),
        number(p["p99"]) if "p99" in p else "",
        number(p["max"]),
        unit,
        str(p["n"]),
        number(first.values["p50"] / p["p50"]) if compared else "",
        *verdict(row, measured),
    ]


def verdict(row, measured):
    """The target, and what is compared with it; both are empty as long as the row that it names has no values."""
    target = TARGET.fullmatch(row.target)
    other = target and measured.get(target[4] or row.name)
    if not other:
        return ["", ""]
    limit, own, unit = float(target[2]), row.values, row.unit
    came = own["p50"]
    if target[3] == "+":
        limit += other["p50"]
    elif target[3] == "×":
        came, unit = own["p50"] / other["p50"], "×"
    elif target[3]:
        tail = "p99" if "p99" in own and "p99" in other else "p90"
        came, unit = own[tail] / other[tail], "× of " + tail
    met = came <= limit if target[1] == "≤" else came >= limit
    return [f"{target[1]} {number(limit)} {unit}", f"{number(came)} {unit}, {'met' if met else 'MISSED'}"]


def table(lines):
    """A table in Markdown with straight columns: the first has words, the others stand to the right."""
    widths = [max(3, *map(len, column)) for column in zip(*lines)]
    rule = ["-" * (width - 1) + (":" if i else "-") for i, width in enumerate(widths)]
    text = ""
    for line in [lines[0], rule, *lines[1:]]:
        text += "".join(f"| {cell:{'>' if i else '<'}{widths[i]}} " for i, cell in enumerate(line)) + "|\n"
    return text


def tables(measured):
    """For each subject a heading and a table."""
    text = ""
    for subject, rows in sections(measured).items():
        lines = [HEADINGS]
        for each in rows:
            first = first if part(each) and len(lines) > 1 else each
            lines.append(cells(each, first, measured))
        text += f"\n### {SUBJECTS[subject]}\n\n{table(lines)}"
    return text


def plots(measured, directory):
    """Writes the data for plots.gp: for each line of a plot its name, then x, p50 and p99 of its rows."""
    lines = {}
    for rows in sections(measured).values():
        for each in rows:
            if each.plot:
                lines.setdefault(each.plot, []).append(each)
    found = {}
    for line, rows in lines.items():
        plot, name = line.split(" ", 1)
        block = f'"{name}"\n'
        for each in rows:
            p = each.values
            block += f"{each.x} {float(p['p50'])} {float(p.get('p99', p['p90']))}\n"
        found[plot] = found.get(plot, "") + block + "\n\n"
    for plot, text in found.items():
        write(os.path.join(directory, plot), text)
    return list(found)


def page(checkout):
    """Makes docs/PERFORMANCE.md of the last whole run of each command; returns where it is."""
    text = read(os.path.join(HERE, "page.md"))
    for command in COMMANDS:
        text += f"\n## `make {command}`\n\n"
        kept = f"{checkout}/docs/performance/{command}.json"
        if not os.path.exists(kept):
            text += "Not measured yet.\n"
            continue
        results = json.loads(read(kept))
        text += table([["on", ""], *map(list, results["facts"].items())]) + tables(results["rows"])
        for plot in plots(results["rows"], f"{checkout}/bench/target/plots"):
            text += f"\n![{plot}](performance/{plot}.svg)\n"
    return write(f"{checkout}/docs/PERFORMANCE.md", text)


def together(results, earlier, measured):
    """Adds what an earlier run of the same programs on the same machine has measured of other subjects."""

    def lasting(facts):
        return {name: value for name, value in facts.items() if name not in OF_ONE_RUN}

    if lasting(results["facts"]) != lasting(earlier["facts"]):
        return results
    failures = {subject: why for subject, why in earlier["failures"].items() if subject not in measured}
    return {
        "facts": results["facts"],
        "rows": results["rows"] | {n: v for n, v in earlier["rows"].items() if n not in results["rows"]},
        "failures": failures | results["failures"],
    }


def publish(run, checkout):
    command, measured = run["command"], run["measured"]
    results = {
        "facts": run["facts"],
        "rows": {name: percentiles(values) for name, values in run["rows"].items()},
        "failures": run["failures"],
    }
    print("load after:", results["facts"]["load after"])
    print(tables(results["rows"]), end="")
    for subject, why in results["failures"].items():
        print(f"FAILED {subject}: {why}")
    kept = f"{checkout}/bench/target/{command}.json"
    if os.path.exists(kept):
        results = together(results, json.loads(read(kept)), measured)
    values = json.dumps(results, indent=2, ensure_ascii=False) + "\n"
    print("\nall values:", write(kept, values))
    # Nothing was left out or made smaller.
    wanted = {subject for subject in SUBJECTS if (subject == "soak") == (command == "soak")}
    if run["usual"] and not results["failures"] and set(sections(results["rows"])) == wanted:
        write(f"{checkout}/docs/performance/{command}.json", values)
        print("written again:", page(checkout))


if sys.argv[1] == "page":
    print("written again:", page(sys.argv[2]))
else:
    publish(json.loads(read(sys.argv[1])), sys.argv[2])
