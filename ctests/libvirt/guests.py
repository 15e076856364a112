"""Prints the results of in_machine.py as a table, or judges them as TAP. Called by ctests/libvirt/guests.sh.

usage: guests.py table | tap | preloaded VERSION TOP FILE...        TOP: this tree
"""
import json
import pathlib
import sys
import textwrap

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import outcomes
import pages
import tap
from outcomes import GUEST, MISTAKEN, OWN
from tap import done_testing, test

INTERFACES = {"direct": "direct, LXC", "hostdev": "hostdev, QEMU", "network": "hostdev pool",
              "live": "live, QEMU"}
LEGEND = f"""running, after: the MAC of the VF's netdev (- while the guest has it), the MAC that the PF's driver has for
it, its VLAN.
own: what the VF had before, {OWN} and no VLAN; guest: the guest's MAC, {GUEST};
02:..: {MISTAKEN}, which libvirt wrote. For a direct interface libvirt itself sets the MAC of the VF's netdev,
and after an LXC guest no version of libvirt restores the MAC and the VLAN, on any device."""


def read(path, version):
    """The cases of a guest. If its machine was started again, the first result of a case counts."""
    cases = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("{"):
            case = json.loads(line)
            if version == "sid":
                if not cases:
                    print(f"# = sid has libvirt {case['libvirt']}")
                case["libvirt"] = version
            cases.setdefault(case["case"], case)
        else:
            print(line if line.startswith("# = ") else f"# {line}")
    return list(cases.values())


def name(mac):
    return {None: "-", OWN: "own", GUEST: "guest", MISTAKEN: "02:.."}.get(mac, mac)


def show(state):
    return f"{name(state['mac']):<5} {name(state['admin']):<5} {state['vlan'] or '-':>2}"


def error(case):
    """The error of virsh, without its first line."""
    return " ".join(line for line in case["error"] if not line.startswith("Failed to create domain"))


def table(cases):
    columns = f"{'starts':<7} {'running':<14}  {'after':<14}"
    lines = [f"{'':<33} {'stock':<40}  ours", f"{'interface':<13} {'device':<14} VLAN {columns}   {columns}"]
    errors = []
    for row in dict.fromkeys(case["case"] for case in cases):
        interface, kind, vlan = row.split()
        line = f"{INTERFACES[interface]:<13} {kind:<14} {vlan if vlan != 'none' else '-':<4}"
        for case in (case for case in cases if case["case"] == row):
            note = ""
            if error(case):
                if error(case) not in errors:
                    errors.append(error(case))
                note = f" [{errors.index(error(case)) + 1}]"
            line += f" {('yes' if case['starts'] else 'no') + note:<7} {show(case['running'])}  {show(case['after'])}  "
        lines.append(line)
    lines.append("")
    for number, words in enumerate(errors, 1):
        lines += textwrap.wrap(f"[{number}] {words}", 110, subsequent_indent="    ")
    lines += ["", *LEGEND.splitlines()]
    return [line.rstrip() for line in lines]


def by_case(cases):
    """Stock beside ours, case by case."""
    order = list(dict.fromkeys(case["case"] for case in cases))
    return sorted(cases, key=lambda case: (order.index(case["case"]), case["preloaded"]))


def for_table(case):
    """The case in the form that outcomes.py needs."""
    interface, kind, vlan = case["case"].split()
    hypervisor = "lxc" if interface == "direct" else "qemu"
    return {**case, "interface": interface, "kind": kind, "vlan": vlan, "hypervisor": hypervisor, "error": error(case)}


def main():
    how, version, top, files = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4:]
    cases = by_case([case for path in files for case in read(path, version)])
    if not cases:
        sys.exit("guests: the guest printed no case")
    printed = table(cases)
    if how == "table":
        print("\n".join(printed) + "\n")
    seen = [for_table(case) for case in cases]

    def check(title, holds, why=""):
        if how != "table" or not holds:
            test(f"libvirt {version}: {title}" if how == "tap" else title, holds, why)

    for case in seen if how != "table" else []:
        title = f"libvirt {case['libvirt']} {case['case']}, {'preloaded' if case['preloaded'] else 'stock'}:"
        outcomes.judge(test, case, title)
        if case["kind"] in ("in-reset-gap", "pf-down"):
            # libvirt's own check of the VF or the PF fails first.
            test(f"{title} no request is sent", not case["requests"], case["log"])
            continue
        who = "it was the library, libvirt's log says so" if case["preloaded"] else "the library has no part in it"
        test(f"{title} {who}", bool(case["requests"]) == case["preloaded"], case["log"])
    if how != "preloaded":
        outcomes.complete(check, "guests", version, seen)
    if how == "tap":
        # The page's table must be that of this version.
        ran = {case["libvirt"] for case in cases}
        check("that is what the guests ran", ran == {version}, ran)
    if how == "tap" and version != "sid":
        shown = "\n".join(line.rstrip() for line in (top / "docs/compatibility.md").read_text().splitlines())
        check("docs/compatibility.md has the table as it is printed",
              "\n".join(f"    {line}".rstrip() for line in printed) in shown, "\n".join(printed))
        pages.compare(check, top / "docs/compatibility.md")
        pages.compare_errors(check, top / "README.md")
        pages.compare_pictures(check, top / "docs/start-and-stop.md", seen)
    if how != "table" or tap.failed:
        done_testing()


main()
