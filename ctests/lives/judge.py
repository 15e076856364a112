"""Judges what walk.py printed, for stock libvirt and for the library.

usage: judge.py table | tap | kept VERSION STEPS STOCK LIBRARY          STEPS: the file of the walk's steps

kept: the walk must go wrong with stock libvirt, and not with the library.
"""
import collections
import json
import pathlib
import statistics
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from tap import done_testing, test

import causes

TOP = pathlib.Path(__file__).resolve().parents[2]
SIDES = "stock", "library"
WIDTH = 56


def read(path):
    """The steps of a walk, and its end. A machine that was started again has begun anew."""
    steps, end = [], {}
    for line in pathlib.Path(path).read_text().splitlines():
        if not line.startswith("{"):
            print(line if line.startswith("# = ") else f"# {line}")
            continue
        fact = json.loads(line)
        if "step" not in fact:
            end = fact
            continue
        if steps and fact["step"] <= steps[-1]["step"]:
            steps = []
        steps.append(fact)
    for number, fact in enumerate(steps):
        for wrong in fact["wrong"]:
            wrong["cause"] = causes.find(fact, steps[:number], wrong)
    return steps, end


def count(steps, key):
    return collections.Counter(wrong[key] for step in steps for wrong in step["wrong"])


def row(title, *cells):
    return f"{title:<{WIDTH}}" + "".join(f"{cell:>9}" for cell in cells)


def median(times):
    return round(statistics.median(times), 1) if times else "-"


def starts(steps, beside):
    """Times of the starts of hostdev guests: the second ones of `two` steps, or all others."""
    found = []
    for step in steps:
        calls = [call for call in step["calls"] if call["what"] == "start" and call["how"] == "qemu-hostdev"
                 and "error" not in call]
        found += [call["s"] for call in calls if (step["do"] == "two") == beside]
    return found


def table(version, walks):
    kinds = {side: count(walks[side][0], "kind") for side in SIDES}
    why = {side: count(walks[side][0], "cause") for side in SIDES}
    lines = [row(f"libvirt {version}: steps", *(len(walks[side][0]) for side in SIDES))]
    lines += [row(kind, *(kinds[side][kind] for side in SIDES)) for kind in sorted(set().union(*kinds.values()))]
    lines.append(row("all", *(sum(kinds[side].values()) for side in SIDES)))
    lines += ["", "Causes of what is wrong with the library:"]
    lines += [row(f"{name}: {causes.CAUSES[name]}", "", why["library"][name]) for name in causes.CAUSES
              if why["library"][name]]
    return [line.rstrip() for line in lines]


def times(walks):
    """Of this run only."""
    answers = {side: max((step["answers"] or 0 for step in walks[side][0] if "answers" in step), default=0)
               for side in SIDES}
    return ["", row("seconds, in this run", *SIDES),
            row("longest time until libvirtd lists its guests", *(answers[side] for side in SIDES)),
            row("a VF in reset is asked again for at most", "-", walks["library"][1].get("longest wait", "-")),
            row("a hostdev guest starts in (median)", *(median(starts(walks[side][0], False)) for side in SIDES)),
            row("the same, beside one whose VF is in reset", *(median(starts(walks[side][0], True)) for side in SIDES))]


def main():
    how, version, planned, *files = sys.argv[1:]
    walks = {side: read(file) for side, file in zip(SIDES, files, strict=True)}
    expected = sum(bool(line) and not line.startswith("#") for line in pathlib.Path(planned).read_text().splitlines())
    print("\n".join(("# " if how != "table" else "") + line for line in table(version, walks) + times(walks)))
    wrong = {side: [{**found, "in": {key: value for key, value in step.items() if key != "wrong"}}
                    for step in walks[side][0] for found in step["wrong"]] for side in SIDES}
    for side in SIDES:
        test(f"libvirt {version}, {side}: all steps are taken", len(walks[side][0]) == expected and walks[side][1],
             f"{len(walks[side][0])} of {expected}")
    test(f"libvirt {version}: stock libvirt leaves VFs at the fallback MAC",
         any(found["kind"] == "the fallback MAC" for found in wrong["stock"]))
    if how == "kept":
        test(f"libvirt {version}: no VF is wrong with the library", not wrong["library"],
             [json.dumps(found) for found in wrong["library"]])
        done_testing()
    test(f"libvirt {version}: with the library, fewer VFs are wrong", len(wrong["library"]) < len(wrong["stock"]))
    page = (TOP / "docs/libvirt-maintainer.md").read_text()
    for name in sorted({found["cause"] for found in wrong["library"]} | {"unknown"}):
        found = [json.dumps(found) for found in wrong["library"] if found["cause"] == name]
        if name == "unknown":
            test(f"libvirt {version}: each VF that is wrong with the library has a cause", not found, found)
        else:
            test(f"docs/libvirt-maintainer.md: {name}", f"`{name}`" in page)
    done_testing()


main()
