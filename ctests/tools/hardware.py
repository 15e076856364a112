"""Compares the rows of docs/hardware.md for the emulated NIC with the output of `virnetdevvf-check --card`; TAP.

usage: hardware.py TAP ['' | --update]      TAP: what in_machine.sh printed, with a line `# card {JSON}` for each kind
"""
import json
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/hardware.md"
ROW = ["mac", "zero", "same", "none", "clear", "set", "no_vlan", "list", "lists"]
EXTRA = ["multicast", "priority", "4095", "4096", "no_such_vf"]
# They depend on the machine's packages, and are not answers of the driver.
VERSIONS = re.compile("firmware .*, Linux .*, eswitch")


def lines_of(card):
    """A card as the page has it."""
    row, extra = card["row"], card["extra"]
    device = f"{card['nic']}: {extra['pci_id']}, {row['driver']}, firmware {extra['firmware']}, Linux {row['kernel']}"
    lines = [", ".join(f"{name} {has[name] or '?'}" for name in names) for names, has in ((ROW, row), (EXTRA, extra))]
    return [f"    {device}, eswitch {row['mode']}: {row['kind']}", *(f"        {line}" for line in lines)]


def answers(lines):
    return [VERSIONS.sub("eswitch", line) for line in lines]


printed = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
cards = [json.loads(line[7:]) for line in printed if line.startswith("# card ")]
made = [line for card in cards for line in lines_of(card)]
page = PAGE.read_text(encoding="utf-8").splitlines()
start = page.index("## Rows") + 2
end = next((number for number in range(start, len(page)) if not page[number]), len(page))
if sys.argv[2:] == ["--update"]:
    page[start:end] = made
    PAGE.write_text("\n".join(page) + "\n", encoding="utf-8")
    end = start + len(made)
same = len(cards) > 1 and answers(page[start:end]) == answers(made)
tap.test("hardware: docs/hardware.md has what --card printed on the emulated NIC", same, "\n".join(made))
tap.done_testing()
