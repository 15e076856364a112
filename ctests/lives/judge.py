"""Judges what walk.py printed, for stock libvirt and for the library.

usage: judge.py table | tap VERSION STEPS STOCK LIBRARY          STEPS: the file of the walk's steps
       judge.py kept VERSION STEPS STOCK LIBRARY                 the walks of kept.txt
       judge.py page DIRECTORY           writes the last results, DIRECTORY/VERSION/{stock,library}, into the page
"""
import collections
import json
import pathlib
import statistics
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import causes
import rules
import steps
from tap import done_testing, test

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGE, README = TOP / "docs/compatibility.md", TOP / "README.md"
HEADING, VERSIONS, SIDES = "## A thousand steps", ("9.0.0", "11.3.0", "sid"), ("stock", "library")


def read(path):
    """The steps of a walk, and its last line. A machine that was started again has begun anew."""
    taken, end = [], {}
    for line in pathlib.Path(path).read_text().splitlines():
        if not line.startswith("{"):
            print(line if line.startswith("# = ") else f"# {line}")
            continue
        fact = json.loads(line)
        if "step" not in fact:
            end = fact
            continue
        if taken and fact["step"] <= taken[-1]["step"]:
            taken = []
        taken.append(fact)
    for number, fact in enumerate(taken):
        for wrong in fact["wrong"]:
            wrong["cause"] = causes.find(fact, taken[:number], wrong)
    return taken, end


def count(taken, key):
    return collections.Counter(wrong[key] for step in taken for wrong in step["wrong"])


def table(walks):
    """walks: the steps of stock and of the library, for each version."""
    columns = [(version, side) for version in walks for side in SIDES]
    kinds, why = ([count(walks[version][side], key) for version, side in columns] for key in ("kind", "cause"))

    def row(title, cells):
        return (f"{title:<36}" + "".join(f"{cell:>9}" for cell in cells)).rstrip()

    def rows(names, counters):
        return [row(name, [counter[name] for counter in counters]) for name in names
                if any(counter[name] for counter in counters)]

    return [row("", [version if side == "stock" else "" for version, side in columns]),
            row("", [side for _, side in columns]),
            row("steps", [len(walks[version][side]) for version, side in columns]),
            *rows(rules.KINDS, kinds),
            row("all", [sum(counter.values()) for counter in kinds]),
            row(causes.FUNCTIONS, [counter["unknown"] for counter in why]),
            row(causes.TAKEN_FOR_START, [counter[causes.TAKEN_FOR_START] for counter in why]),
            *rows(causes.CALLERS, why)]


def median(times):
    return round(statistics.median(times), 1) if times else "-"


def starts(taken, beside):
    """Times of the starts of hostdev guests: the second ones of `two` steps, or all others."""
    return [call["s"] for step in taken if (step["do"] == "two") == beside for call in step["calls"]
            if call["what"] == "start" and call["how"] == "qemu-hostdev" and "error" not in call]


def times(walks, ends):
    """Seconds, in this run only."""
    for side in SIDES:
        answers = max((step["answers"] or 0 for step in walks[side] if "answers" in step), default=0)
        yield (f"{side}: libvirtd takes at most {answers} s to list its guests; a hostdev guest starts in "
               f"{median(starts(walks[side], False))} s (median), beside one whose VF is in reset in "
               f"{median(starts(walks[side], True))} s; a VF in reset is asked again for at most "
               f"{ends[side].get('longest wait', '-')} s")


def on_page():
    """The table in the page: the first number of each column follows the name."""
    page = PAGE.read_text().splitlines()
    start = page.index(HEADING)
    end = next((i for i in range(start + 1, len(page)) if page[i].startswith("## ")), len(page))
    lines = [i for i in range(start, end) if page[i].startswith("    ")]
    return page, lines[0] if lines else end - 1, lines[-1] + 1 if lines else end - 1


def update(directory):
    walks = {version: {side: read(directory / version / side)[0] for side in SIDES} for version in VERSIONS}
    page, start, end = on_page()
    PAGE.write_text("\n".join([*page[:start], *(f"    {line}".rstrip() for line in table(walks)), *page[end:]]) + "\n")


def kept(version, planned, walks, wrong):
    """Stock libvirt must be wrong where the walk says so, and the library nowhere. It refuses only what it says."""
    steps_of = {side: {step["step"]: step for step in walks[side]} for side in SIDES}
    for number, text in enumerate(planned.read_text().splitlines(), 1):
        step = steps.parse(text)
        if not step:
            continue
        words, title = text.partition("#")[2], text.partition(" #")[0]
        if "wrong" in words:
            test(f"libvirt {version}, stock: wrong after {title}", any(
                found["in"]["step"] == number for found in wrong["stock"]))
        calls = steps_of["library"].get(number, {}).get("calls", [])
        if step["do"] != "device":
            test(f"libvirt {version}, library: {'refused' if 'refused' in words else 'done'}: {title}",
                 bool(calls) and any("error" in call for call in calls) == ("refused" in words), json.dumps(calls))
    test(f"libvirt {version}, library: no VF is wrong", not wrong["library"],
         [json.dumps(found) for found in wrong["library"]])


def judged(version, walks, wrong):
    test(f"libvirt {version}: stock libvirt leaves VFs at the fallback MAC",
         any(found["kind"] == "the fallback MAC" for found in wrong["stock"]))
    unknown = [json.dumps(found) for found in wrong["library"] if found["cause"] == "unknown"]
    test(f"libvirt {version}: each fault that is seen with the library has a cause outside it, or is C5's limit",
         not unknown, unknown)
    ours = {side: sum(found["cause"] in ("unknown", causes.TAKEN_FOR_START) for found in wrong[side]) for side in SIDES}
    test(f"libvirt {version}: the library's own faults are less than a quarter of stock libvirt's",
         4 * ours["library"] < ours["stock"], ours)
    began = {side: sum(call["what"] in causes.STARTS and "error" not in call for step in walks[side]
                       for call in step["calls"]) for side in SIDES}
    test(f"libvirt {version}: with the library at least as many guests and interfaces start",
         began["library"] >= began["stock"], began)
    page, start, end = on_page()
    rows = {line[4:40].strip(): [int(word) for word in line[40:].split() if word.isdigit()] for line in page[start:end]}
    maintainers = (TOP / "docs/libvirt-maintainer.md").read_text()
    absent = [name for name in (causes.TAKEN_FOR_START, *causes.CALLERS) if f"`{name}`" not in maintainers]
    test("docs/libvirt-maintainer.md: it has each cause", not absent, absent)
    test("docs/compatibility.md: its walks are whole", set(rows["steps"]) == {1000}, rows["steps"])
    # README has the sums of the page.
    stock, library = ([sum(rows["all"][side::2]), sum(sum(rows[name][side::2]) for name in (
        causes.FUNCTIONS, causes.TAKEN_FOR_START))] for side in (0, 1))
    said = ("in {:,} steps each, {:,} faults of a VF with stock libvirt, {:,} of them without a cause outside its VF "
            "functions; with this library {:,} and {:,}").format(sum(rows["steps"][0::2]), *stock, *library)
    test("README.md has the sums", said in " ".join(README.read_text().split()), said)


def main():
    how, *arguments = sys.argv[1:]
    if how == "page":
        update(pathlib.Path(arguments[0]))
        return
    version, planned, *files = arguments[0], *map(pathlib.Path, arguments[1:])
    found = dict(zip(SIDES, map(read, files), strict=True))
    walks, ends = ({side: found[side][part] for side in SIDES} for part in (0, 1))
    mark = "# " if how != "table" else ""
    print("\n".join(mark + line for line in [*table({version: walks}), "", *times(walks, ends)]))
    expected = sum(steps.parse(text) is not None for text in planned.read_text().splitlines())
    for side in SIDES:
        test(f"libvirt {version}, {side}: all steps are taken", len(walks[side]) == expected and ends[side],
             f"{len(walks[side])} of {expected}")
    wrong = {side: [{**found, "in": {key: value for key, value in step.items() if key != "wrong"}}
                    for step in walks[side] for found in step["wrong"]] for side in SIDES}
    if how == "kept":
        kept(version, planned, walks, wrong)
    elif how == "tap":
        judged(version, walks, wrong)
    done_testing()


main()
