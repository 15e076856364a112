"""What in_guest.py has seen, as a table or judged as TAP. Called by ctests/libvirt/guests.sh.

usage: guests.py table | tap | preloaded VERSION TOP FILE...        TOP: this tree
"""
import json
import pathlib
import sys
import textwrap

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import readme_table
from tap import done_testing, test

OWN, GUEST, MISTAKEN = "52:54:00:00:00:0f", "52:54:00:00:00:99", "02:00:00:00:00:00"
INTERFACES = {"direct": "direct, LXC", "hostdev": "hostdev, QEMU", "network": "hostdev pool"}
# Where a guest cannot be started: the device, its VLAN, and what the library's message must say.
REFUSED = {
    ("refuses-both", "42"): "SmartNIC DPU",
    ("grants-clear", "42"): "SmartNIC DPU",
    ("switchdev", "42"): "switchdev",
    ("reset-stays", "none"): "in reset",
    ("reset-stays", "42"): "in reset",
}
# Twenty-eight cases, stock and ours.
ALL = 56
LEGEND = f"""running, after: the MAC of the VF's netdev (- while the guest has it), the MAC that the PF's driver has for
it, its VLAN.
own: what the VF had before, {OWN} and no VLAN; guest: the guest's MAC, {GUEST};
02:..: {MISTAKEN}, which libvirt wrote. For a direct interface libvirt itself sets the MAC of the VF's netdev,
and after an LXC guest no version of libvirt restores the MAC and the VLAN, on any device."""


def read(path):
    """The cases of a guest. Where its machine was started again, the first result of a case counts."""
    cases = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("{"):
            case = json.loads(line)
            cases.setdefault(case["case"], case)
        else:
            print(line if line.startswith("# = ") else f"# {line}")
    return list(cases.values())


def name(mac):
    return {None: "-", OWN: "own", GUEST: "guest", MISTAKEN: "02:.."}.get(mac, mac)


def show(state):
    return f"{name(state['mac']):<5} {name(state['admin']):<5} {state['vlan'] or '-':>2}"


def error(case):
    """What virsh said, without its own headline."""
    return " ".join(line for line in case["error"] if not line.startswith("Failed to create domain"))


def table(cases):
    columns = f"{'starts':<7} {'running':<14}  {'after':<14}"
    lines = [f"{'':<32} {'stock':<40}  ours", f"{'interface':<13} {'device':<13} VLAN {columns}   {columns}"]
    errors = []
    for row in dict.fromkeys(case["case"] for case in cases):
        interface, device, vlan = row.split()
        line = f"{INTERFACES[interface]:<13} {device:<13} {vlan if vlan != 'none' else '-':<4}"
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


def judge_ours(case, stock):
    interface, device, vlan = case["case"].split()
    title = f"libvirt {case['libvirt']} {case['case']}, preloaded:"
    seen = json.dumps({key: value for key, value in case.items() if key != "log"})
    own = {"mac": OWN, "admin": OWN, "vlan": 0}
    if (device, vlan) in REFUSED:
        test(f"{title} refuses, and virsh says why",
             not case["starts"] and "the VLAN of VF 0 of eth0" in error(case) and REFUSED[device, vlan] in error(case),
             seen)
        # For macvtap, libvirt sets the MAC of the VF's netdev by itself and never puts it back.
        left = {"mac": GUEST, "admin": GUEST, "vlan": 0} if interface == "direct" else own
        test(f"{title} the VF is as it was, but for what libvirt did by itself",
             case["running"] == case["after"] == left, seen)
    else:
        test(f"{title} starts and stops", bool(case["starts"] and case["stops"]), seen)
        running = {"mac": GUEST if interface == "direct" else None, "admin": GUEST, "vlan": 0 if vlan == "none" else 42}
        test(f"{title} the guest has its MAC and VLAN", case["running"] == running, seen)
        if interface != "direct":
            test(f"{title} the VF is as it was", case["after"] == own, seen)
        elif stock:
            ordinary = stock[f"{interface} PF {vlan}"]["after"]
            test(f"{title} ends as stock does on an ordinary PF", case["after"] == ordinary,
                 f"{seen}\nstock: {ordinary}")
    # The PF's driver writes each MAC that it is asked to set into the kernel's log.
    values = [state[key] for state in (case["before"], case["running"], case["after"]) for key in ("mac", "admin")]
    test(f"{title} nothing is ever {MISTAKEN}", MISTAKEN not in values + case["macs"], seen)
    test(f"{title} it was the library, libvirt's log says so", len(case["requests"]) > 0, case["log"])


def judge_stock(case):
    """What this library is for: should a libvirt no longer do so, the table and the documents have to change."""
    title = f"libvirt {case['libvirt']} {case['case']}, stock:"
    interface, device, vlan = case["case"].split()
    test(f"{title} the library has no part in it", case["requests"] == [], case["log"])
    if device == "PF" or (device in ("grants-clear", "switchdev") and vlan == "none"):
        test(f"{title} starts and stops", bool(case["starts"] and case["stops"]), case)
    elif device == "reset-ends":
        test(f"{title} does not start", not case["starts"], case)
    else:
        test(f"{title} leaves the VF at {MISTAKEN}", case["after"]["admin"] == MISTAKEN, case)


def for_readme(case):
    interface, device, vlan = case["case"].split()
    hypervisor = "lxc" if interface == "direct" else "qemu"
    return {**case, "interface": interface, "device": device, "vlan": vlan, "hypervisor": hypervisor,
            "error": error(case)}


def main():
    how, version, top, files = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4:]
    cases = by_case([case for path in files for case in read(path)])
    if not cases:
        sys.exit("guests: the guest printed no case")
    printed = table(cases)
    if how == "table":
        print("\n".join(printed) + "\n")
        sys.exit(None if len(cases) == ALL
                 else f"guests: {len(cases)} cases, not {ALL}: a guest did not come to its end")
    stock = {case["case"]: case for case in cases if not case["preloaded"]}
    for case in cases:
        if case["preloaded"]:
            judge_ours(case, stock)
        else:
            judge_stock(case)
    if how == "tap":
        test(f"libvirt {version}: every case is there", len(cases) == ALL, len(cases))
        # Else the page's table for another version would do.
        ran = {case["libvirt"] for case in cases}
        test(f"libvirt {version}: that is what the guests ran", ran == {version}, ran)
        shown = "\n".join(line.rstrip() for line in (top / "docs/compatibility.md").read_text().splitlines())
        test(f"libvirt {version}: docs/compatibility.md has the table as it is printed",
             "\n".join(f"    {line}".rstrip() for line in printed) in shown, "\n".join(printed))

        def page_test(title, *result):
            test(f"libvirt {version}: {title}", *result)

        seen = [for_readme(case) for case in cases]
        readme_table.compare(page_test, top / "README.md", seen, complete={case["device"] for case in seen})
        readme_table.compare_pictures(page_test, top / "docs/start-and-stop.md", seen)
    done_testing()


main()
