#!/usr/bin/env python3
"""The table of drivers in docs/compatibility.md: how guests fared in the suite `sequences`; TAP.

    table.py STOCK OURS             compares what is on the page with what was run
    table.py STOCK OURS --update    writes it there
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))
import tap
from drivers import read

PAGE = Path(__file__).resolve().parents[2] / "docs/compatibility.md"
COLUMNS = [("no VLAN", "-"), ("no VLAN", "42"), ("VLAN 42 of the last guest", "-")]


def outcomes(path: str) -> dict[str, list[str]]:
    """How guests of COLUMNS fared on each row."""
    lines = [line.split("\t") for line in Path(path).read_text().splitlines()]
    fared = {(row, state, vlan): outcome for row, state, vlan, outcome in lines}
    return {row: [fared[(row, *column)] for column in COLUMNS] for row, *_ in lines}


def table(stock: dict[str, list[str]], ours: dict[str, list[str]]) -> list[str]:
    """Its lines. Modes of a driver that fare alike are one."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in read():
        name = f"{row['driver']} {row['mode']}"
        lines.setdefault((row["driver"], *stock[name], *ours[name]), []).append(row["mode"])
    shown = [
        ("", "", "stock", "", "", "ours", "", ""),
        ("driver", "mode", *["-", "42", "- after 42"] * 2),
        *((driver, ", ".join(modes), *cells) for (driver, *cells), modes in lines.items()),
    ]
    widths = [max(len(line[i]) for line in shown) for i in range(8)]
    return ["    " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in shown]


def main() -> None:
    """Compares or writes."""
    stock, ours, *update = sys.argv[1:]
    new = table(outcomes(stock), outcomes(ours))
    page = PAGE.read_text().splitlines()
    heading = page.index("## Drivers")
    start = next(i for i in range(heading, len(page)) if page[i].startswith("    "))
    end = next(i for i in range(start, len(page)) if not page[i])
    if update:
        PAGE.write_text("\n".join([*page[:start], *new, *page[end:]]) + "\n")
    same = bool(update) or page[start:end] == new
    tap.test("sequences: docs/compatibility.md has what was run on each driver", same,
             ["run ctests/sequences/sequences.sh --update", *new])
    tap.done_testing()


if __name__ == "__main__":
    main()
