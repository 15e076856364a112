#!/usr/bin/env python3
"""The table of drivers in docs/compatibility.md: what happens to guests in the suite `sequences`; TAP.

    table.py STOCK OURS             compares the table in the page with the results
    table.py STOCK OURS --update    writes the table into the page
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))
import tap
from drivers import read

PAGE = Path(__file__).resolve().parents[2] / "docs/compatibility.md"
COLUMNS = [("no VLAN", "-"), ("no VLAN", "42"), ("VLAN 42 of the last guest", "-")]


def outcomes(path: str) -> dict[str, list[str]]:
    """For each row: what happened to the guests of COLUMNS."""
    lines = [line.split("\t") for line in Path(path).read_text().splitlines()]
    fared = {(row, state, vlan): outcome for row, state, vlan, outcome in lines}
    return {row: [fared[(row, *column)] for column in COLUMNS] for row, *_ in lines}


def table(stock: dict[str, list[str]], ours: dict[str, list[str]]) -> list[str]:
    """The lines of the table. Modes of a driver with the same outcomes share a line."""
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
    tap.test("sequences: docs/compatibility.md has what happened on each driver", same,
             ["run ctests/sequences/sequences.sh --update", *new])
    tap.done_testing()


if __name__ == "__main__":
    main()
