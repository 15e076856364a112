"""Compares the pages with outcomes.tsv: docs/compatibility.md's table "Who needs it", README's table of errors; and the
pictures of docs/start-and-stop.md with guests.

A row of "Who needs it" stands for each guest of its kinds (the names in backquotes in its first cell), its libvirts,
interfaces and VLANs. The last two cells say what happens to these guests: the text of `phrase` for the row of
outcomes.tsv, and after a colon one of REMARKS.
"""
import itertools
import pathlib
import re

from outcomes import ROWS

VLANS = {"no": "none", "yes": "42"}
UNNEEDED = "**you do not need it**"
REMARKS = [UNNEEDED, "up to VF 255, where libvirt is built with it; a preload is not enough"]
COLUMNS = ["device", "libvirt", "interface type", "VLAN asked", "stock libvirt", "with this library"]
ERROR_COLUMNS = ["libvirt's log", "cause", "with this library"]


def read(page, heading, columns):
    """The rows of a section's table, each a dictionary by its columns."""
    section = pathlib.Path(page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    if len(cells) < 3 or cells[0] != columns:
        raise ValueError(f"{page}: '{heading}' has not the columns {columns}")
    return [dict(zip(columns, row, strict=True)) for row in cells[2:]]


def guests(row):
    """The guests of a row."""
    return set(itertools.product(re.findall("`([^`]+)`", row["device"]), row["libvirt"].split(", "),
                                 row["interface type"].split(", "),
                                 [VLANS.get(word, word) for word in row["VLAN asked"].split(", ")]))


def phrase(row, who):
    """The page's words for a row of outcomes.tsv."""
    left = row[f"{who} left"]
    if row["interface"] == "live" and row[f"{who} starts"] == "no":
        return ("is refused; the **running** guest's VF is at 02:…" if "02" in left
                else "is refused, and says why; the guest is as it was")
    if row["library says"] == row["stock says"] != "-" and who == "library":
        return "the same, because libvirt's own check fails first"
    if row[f"{who} starts"] == "yes":
        return "starts; after its end the VF is at 02:…" if "02" in left else "works"
    if "02" in left:
        # Footnote 1: who puts the VF back.
        back = row["hypervisor"] == "qemu" and row["interface"] == "direct" and row["libvirt"] == "9.0.0"
        return "does not start; the VF is at 02:…¹" if (">own" in left) == back else f"not told: {left}"
    if who == "stock":
        return "does not start" if row["kind"][:4] != "mac-" else "does not start; the VF has the guest's MAC"
    # Footnote 2.
    as_it_was = left in ("own own", "* own") or (row["interface"] == "direct" and left == "guest guest")
    why = " of VF 0 of " in row["library says"] and row["library VLAN"] == "0"
    return "does not start, and says why; the VF is as it was²" if as_it_was and why else f"not told: {left}"


def compare(test, page):
    """One result for each row, and one for all: each guest of the daemons is in one row of the page."""
    rows = read(page, "Who needs it", COLUMNS)
    table = [(row, {(row["kind"], version, row["interface"], row["VLAN"]) for version in row["libvirt"].split()})
             for row in ROWS if row["hypervisor"] != "calls"]
    for row in rows:
        named = guests(row)
        here = [outcome for outcome, of in table if of & named]
        wrong = [f"nobody starts {guest}" for guest in named if not any(guest in of for _, of in table)]
        for column, who in (("stock libvirt", "stock"), ("with this library", "library")):
            words, *remark = row[column].split(": ", 1)
            wrong += [f"'{words}' is not '{phrase(outcome, who)}': {outcome}" for outcome in here
                      if phrase(outcome, who) != words]
            wrong += [f"nobody compares: {words}" for words in remark if words not in REMARKS]
        if (UNNEEDED in row["with this library"]) != (row["stock libvirt"] == "works"):
            wrong.append("'you do not need it' belongs where stock libvirt works, and only there")
        asked = f"{row['interface type']}; VLAN: {row['VLAN asked']}"
        test(f"compatibility.md has what becomes of {row['device']}; {asked}",
             bool(named) and not wrong, "\n".join(wrong))
    nowhere = [guest for _, of in table for guest in of if sum(guest in guests(row) for row in rows) != 1]
    test("compatibility.md: each guest of outcomes.tsv is in one row of 'Who needs it'", not nowhere, nowhere)


def result(row):
    """The words of README's table of errors for a row of outcomes.tsv."""
    if row["library starts"] == "yes":
        return "starts" if row["stock says"] != "-" else "the VF keeps the MAC"
    return "the same" if row["library says"] == row["stock says"] else "refused"


def has_error(row, outcome):
    """Whether a row of README is about this guest of stock libvirt."""
    named, log = re.findall("`([^`]+)`", row["cause"]), row["libvirt's log"]
    if outcome["kind"] not in named or outcome["hypervisor"] == "calls":
        return False
    if outcome["interface"] == "live" or "update-device" in log:
        return outcome["interface"] == "live" and "update-device" in log
    if outcome["stock says"] in ("-", "*"):
        return log.startswith("none") and outcome["interface"] != "direct" and "02" in outcome["stock left"]
    says = re.sub(r"(vf|VF) \d+", r"\1 N", outcome["stock says"])
    messages = re.findall("`([^`]+)`", log)
    return any(message.startswith(says) or re.match(".*".join(map(re.escape, message.split("…"))), says)
               for message in messages)


def compare_errors(test, readme):
    """One result for each row of README that names kinds, and one for all errors of stock libvirt."""
    rows = [row for row in read(readme, "Which error do you have?", ERROR_COLUMNS) if "(`" in row["cause"]]
    for row in rows:
        about = [outcome for outcome in ROWS if has_error(row, outcome)]
        missing = set(re.findall("`([^`]+)`", row["cause"])) - {outcome["kind"] for outcome in about}
        wrong = [outcome for outcome in about if not row["with this library"].startswith(result(outcome))]
        test(f"README: {row[ERROR_COLUMNS[0]]}", bool(about) and not wrong and not missing, f"{wrong}\n{missing}")
    nowhere = [outcome for outcome in ROWS
               if outcome["stock says"] not in ("-", "*") and outcome["hypervisor"] != "calls"
               and sum(has_error(row, outcome) for row in rows) != 1]
    test("README: each error of outcomes.tsv is in one row of 'Which error do you have?'", not nowhere, nowhere)


def compare_pictures(test, page, cases):
    """docs/start-and-stop.md: the first picture is a guest without a VLAN, the second is one with VLAN 42."""
    pictures = pathlib.Path(page).read_text().split("```mermaid")[1:]
    test("docs/start-and-stop.md has two pictures", len(pictures) == 2, len(pictures))
    for picture, vlan in zip(pictures, ("none", "42")):
        for case in cases:
            if (case["interface"], case["kind"], case["vlan"]) != ("hostdev", "refuses-both", vlan):
                continue
            who = "library" if case["preloaded"] else "stock"
            drawn = re.findall(rf"{who}->>driver: (MAC|VLAN) (\S+): (done|EPERM)", picture)
            # The PF's driver writes each MAC into the kernel's log, the library each request into libvirt's.
            seen = ([mac for what, mac, _ in drawn if what == "MAC"], [answer for *_, answer in drawn])
            answers = ["done" if request.endswith("result=0") else "EPERM" for request in case["requests"]]
            what = "request" if case["preloaded"] else "MAC"
            test(f"docs/start-and-stop.md: {who}, VLAN {vlan}: each {what} is as it is drawn",
                 seen == (case["macs"], answers if case["preloaded"] else seen[1]),
                 f"{seen}, not {case['macs']}, {answers}")
