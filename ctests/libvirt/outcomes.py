"""Compares each guest that a suite starts with its row of outcomes.tsv.

A case has libvirt, hypervisor, interface, kind, vlan, preloaded (or built with the library), starts, stops, error (a
string), running and after (each with mac, admin and vlan), macs (what the PF's driver was asked to set).
"""
import json
import pathlib
import re

OWN, GUEST, MISTAKEN = "52:54:00:00:00:0f", "52:54:00:00:00:99", "02:00:00:00:00:00"
MACS = {"own": OWN, "guest": GUEST, "02": MISTAKEN}
KEY = ["kind", "hypervisor", "interface", "VLAN"]
SUITES = {"guests", "host", "many", "demo"}


def read(path=pathlib.Path(__file__).with_name("outcomes.tsv")):
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    for row in rows:
        if not row["suites"] or not set(row["suites"].split()) <= SUITES:
            raise ValueError(f"no suite starts {row}")
    return rows


ROWS = read()


def key(case):
    return [case["kind"], case["hypervisor"], case["interface"], case["vlan"]]


def covers(row, case):
    return [row[column] for column in KEY] == key(case) and (row["libvirt"] == "*"
                                                             or case["libvirt"] in row["libvirt"].split())


def is_one_of(mac, word):
    return word == "*" or mac in [MACS[name] for name in word.split(">")[-1].split("|")]


def says(error, words):
    """Whether the error has these words, in their order."""
    if words in ("-", "*"):
        return words == "*" or not error
    pattern = ".*".join(re.escape(part).replace("PF", r"\S+") for part in words.split(" … "))
    return re.search(pattern, error, re.DOTALL) is not None


def compared(row, case):
    """The results for a case: title, and whether it is as its row says."""
    who = "library" if case["preloaded"] else "stock"
    starts, vlan = row[f"{who} starts"] == "yes", row[f"{who} VLAN"]
    left = row[f"{who} left"].split()
    running, after = case["running"], case["after"]
    error = says(case["error"], row[f"{who} says"])
    if starts:
        # `calls`: libvirt's functions report this, the daemon does not.
        stops = case["stops"] or (case["hypervisor"] == "calls" and row[f"{who} says"] != "-")
        found = {"starts and stops": case["starts"] and stops and error}
    else:
        found = {"refuses, and virsh says why": not case["starts"] and error}
    as_left = all(is_one_of(after[which], word) for which, word in zip(("mac", "admin"), left))
    found["the VF is as it was, or as libvirt leaves it"] = as_left and (vlan == "*" or after["vlan"] == int(vlan))
    if starts:
        mac = GUEST if case["interface"] in ("direct", "live") else None
        found["the guest has its MAC and VLAN"] = (
            (case["hypervisor"] == "calls" or running["mac"] == mac) and (left[1] == "*" or running["admin"] == GUEST)
            and running["vlan"] == (int(case["vlan"]) if case["vlan"] != "none" else 4095 if vlan == "4095" else 0))
    elif "*" not in left:
        found["after a failed start nothing changes any more"] = running == after
    seen = [state[name] for state in (case.get("before", after), running, after) for name in ("mac", "admin")]
    had = MISTAKEN in seen + case["macs"]
    if "02" in " ".join(left):
        found[f"the VF had {MISTAKEN}"] = had
    else:
        found[f"the VF never has {MISTAKEN}"] = not had
    return found


def judge(test, case, title):
    """One result for each column of the case's row."""
    rows = [row for row in ROWS if covers(row, case)]
    seen = json.dumps({name: value for name, value in case.items() if name != "log"})
    if len(rows) != 1:
        test(f"{title} is in one row of outcomes.tsv", False, f"{len(rows)} rows\n{seen}")
        return
    for words, holds in compared(rows[0], case).items():
        test(f"{title} {words}", bool(holds), f"{seen}\n{rows[0]}")


def complete(test, suite, version, cases):
    """Each row that the suite starts was started, with stock libvirt and with the library."""
    wanted = [row for row in ROWS if suite in row["suites"].split()
              and (row["libvirt"] == "*" or version in row["libvirt"].split())]
    missing = [f"{[row[column] for column in KEY]} {'library' if preloaded else 'stock'}" for row in wanted
               for preloaded in (False, True)
               if not any(covers(row, case) and case["preloaded"] == preloaded for case in cases)]
    test("each row of outcomes.tsv was started", bool(wanted) and not missing, "\n".join(missing))
