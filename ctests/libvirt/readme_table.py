"""README's table "Do I need it?", compared with guests that were started: for guests.sh, many.sh and the host's suite.

A row stands for each guest of its devices (the names in backquotes in its first cell), its libvirts, interfaces and
VLANs. The last two cells say what became of these guests: one of PHRASES, and after a colon one of REMARKS.
"""
import itertools
import pathlib
import re

OWN, GUEST, MISTAKEN = "52:54:00:00:00:0f", "52:54:00:00:00:99", "02:00:00:00:00:00"
VLANS = {"no": "none", "yes": "42"}
# What the suites start; `many-vfs` is one guest of many.sh, the others are guests.sh's.
DEVICES = {"PF", "refuses-both", "grants-clear", "switchdev", "reset-ends", "reset-stays", "many-vfs"}
CELLS = {"libvirt": {"9.0.0", "11.3.0"}, "interface type": {"direct", "hostdev", "network"}, "VLAN asked": set(VLANS)}
MANY = {"libvirt": "9.0.0", "interface type": "direct", "VLAN asked": "yes"}
REMARKS = ["**you do not need it**", "up to VF 255, where libvirt is built with it; a preload is not enough"]
COLUMNS = ["device", "libvirt", "interface type", "VLAN asked", "libvirt as it is", "with this library"]


def macs(case):
    return [case[when][which] for when in ("running", "after") for which in ("mac", "admin")] + case["macs"]


def left_mistaken(case):
    # Footnote 1. What happened is in the kernel's log, too.
    put_back = case["hypervisor"] == "qemu" and case["interface"] == "direct" and case["libvirt"].startswith("9.")
    return case["after"]["admin"] == (OWN if put_back else MISTAKEN) and MISTAKEN in macs(case)


def as_it_was(case):
    # Footnote 2.
    own = [OWN, GUEST] if case["interface"] == "direct" else [OWN]
    after = case["after"]
    return MISTAKEN not in macs(case) and after["mac"] in own and after["admin"] in own and after["vlan"] == 0


PHRASES = {
    "works": lambda case: case["starts"] and case["stops"] and MISTAKEN not in macs(case)
    and case["running"]["mac" if case["interface"] == "direct" else "admin"] == GUEST
    and str(case["running"]["vlan"] or "none") == case["vlan"],
    "starts; after its end the VF is at 02:…": lambda case: case["starts"] and case["stops"] and left_mistaken(case),
    "does not start; the VF is at 02:…¹": lambda case: not case["starts"] and left_mistaken(case),
    "does not start": lambda case: not case["starts"]
    and MISTAKEN not in (case["after"]["admin"], case["after"]["mac"]),
    "does not start, and says why; the VF is as it was²": lambda case: not case["starts"] and as_it_was(case)
    and "the VLAN of VF 0 of " in case["error"],
}


def read(readme):
    """The rows, each a dictionary by COLUMNS."""
    section = pathlib.Path(readme).read_text().split("## Do I need it?")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    if len(cells) < 3 or cells[0] != COLUMNS:
        raise ValueError(f"README's table has not the columns {COLUMNS}")
    return [dict(zip(COLUMNS, row)) for row in cells[2:]]


def devices_of(row):
    """As the suites name them."""
    return [{"ordinary": "PF"}.get(name, name) for name in re.findall("`([^`]+)`", row["device"])]


def not_started(row):
    """What of a row no suite starts or compares."""
    devices = devices_of(row)
    wrong = [f"no such device: {device}" for device in set(devices) - DEVICES]
    if not devices:
        wrong.append(f"no device in backquotes: {row['device']}")
    for column, known in CELLS.items():
        wrong += [f"no such {column}: {word}" for word in row[column].split(", ") if word not in known]
        if "many-vfs" in devices and row[column] != MANY[column]:
            wrong.append(f"many-vfs has only {column} {MANY[column]}, not {row[column]}")
    for column in COLUMNS[-2:]:
        phrase, *remark = row[column].split(": ", 1)
        if phrase not in PHRASES or (remark and remark[0] not in REMARKS):
            wrong.append(f"nobody compares: {row[column]}")
    return wrong


def covers(row, case):
    return (case["device"] in devices_of(row) and case["libvirt"] in row["libvirt"].split(", ")
            and case["interface"] in row["interface type"].split(", ")
            and case["vlan"] in [VLANS[word] for word in row["VLAN asked"].split(", ")])


def compare(test, readme, cases, complete=()):
    """One result for each row that has a guest among the cases, one for all cases together, and one for the cells.

    A case has libvirt, preloaded (or built with the library), hypervisor, interface, device, vlan, starts, stops,
    error (a string), running, after, macs. `complete`: each guest that a row names for these devices must be among
    them, with libvirt as it is and with the library.
    """
    rows = read(readme)
    wrong = [line for row in rows for line in not_started(row)]
    test("README: each row of 'Do I need it?' names guests that the suites start", not wrong, "\n".join(wrong))
    rows = [row for row in rows if not not_started(row)]
    for row in rows:
        devices = devices_of(row)
        here = [case for case in cases if covers(row, case)]
        if not here and not set(devices) & set(complete):
            continue
        wrong = []
        for column, preloaded in (("libvirt as it is", False), ("with this library", True)):
            phrase = row[column].split(": ")[0]
            wrong += [f"'{phrase}' is not what was seen: {case}" for case in here
                      if case["preloaded"] == preloaded and not PHRASES[phrase](case)]
        if ("you do not need it" in row["with this library"]) != (row["libvirt as it is"] == "works"):
            wrong.append("'you do not need it' belongs where libvirt as it is works, and only there")
        seen = {(case["device"], case["interface"], case["vlan"], case["preloaded"]) for case in here}
        wanted = itertools.product(devices, row["interface type"].split(", "),
                                   [VLANS[word] for word in row["VLAN asked"].split(", ")], (False, True))
        if complete:
            wrong += [f"nobody has started {guest}" for guest in wanted if guest not in seen]
        test(f"README has what became of {', '.join(devices)}; {row['interface type']}; VLAN: {row['VLAN asked']}",
             not wrong, "\n".join(wrong))
    nowhere = [case for case in cases if sum(covers(row, case) for row in rows) != 1]
    test("README: each guest is in one row of 'Do I need it?'", not nowhere, "\n".join(map(str, nowhere)))


def compare_pictures(test, page, cases):
    """docs/start-and-stop.md: the first picture is a guest without a VLAN, the second is one with VLAN 42."""
    pictures = pathlib.Path(page).read_text().split("```mermaid")[1:]
    test("docs/start-and-stop.md has two pictures", len(pictures) == 2, len(pictures))
    for picture, vlan in zip(pictures, ("none", "42")):
        for case in cases:
            if (case["interface"], case["device"], case["vlan"]) != ("hostdev", "refuses-both", vlan):
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
