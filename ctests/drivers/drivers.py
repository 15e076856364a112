#!/usr/bin/env python3
"""Checks drivers.tsv: each driver has a row, and each field has an allowed value; TAP.

    drivers.py              the test
    drivers.py --update     writes the rows into tools/virnetdevvf-check.py, which runs without this tree
"""

import errno
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))
import tap

# The drivers of Linux 7.3 that have one of the functions ndo_set_vf_mac, ndo_set_vf_vlan, ndo_get_vf_config.
DRIVERS = (
    "igb ixgbe i40e ice fm10k mlx5 mlx4 bnxt bnx2x be2net cxgb4 enic enetc funeth hns3 hinic ionic liquidio nfp "
    "octeontx2 octeon_ep qede qlcnic sfc sfc-siena netdevsim ipoib"
).split()
# The name of a driver in sysfs, if its rows have another name.
IN_SYSFS = {
    "mlx5": "mlx5_core", "mlx4": "mlx4_core", "bnxt": "bnxt_en", "enetc": "fsl_enetc", "liquidio": "LiquidIO",
    "octeontx2": "rvu_nicpf", "sfc-siena": "sfc_siena",
}
TOP = Path(__file__).resolve().parents[2]
CHECK = TOP / "tools/virnetdevvf-check.py"
COMPILED = re.compile(r'(?<=^DRIVERS = """\\\n).*?(?=^""")', re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"[0-9]+")
REQUESTS = ["mac", "zero", "same", "none", "clear", "set"]
ALLOWED = {
    "mode": r"-|[a-z0-9.-]+",
    "kernel": r"[0-9]+\.[0-9]+\.[0-9]+",
    "source": r"[a-z0-9_/]+\.c(:[0-9]+)?",
    "no_vlan": "0|4095",
    "list": "yes|none|gap|empty",
    "lists": "old|mac|vlan|both",
    "effect": "-|applied|cleared",
    "wait_ms": r"[0-9]+",
}
KINDS = {
    "ordinary": lambda row: row["none"] == "0",
    "no-vlans": lambda row: "0" not in (row["none"], row["clear"], row["set"]) and row["set"] != "EPERM",
    "grants-clear": lambda row: row["none"] == "0" and row["set"] == "EPERM",
    "refuses-both": lambda row: row["none"] == row["clear"] == row["set"] == "EPERM",
    "switchdev": lambda row: row["clear"] == "0" and row["set"] == "EOPNOTSUPP",
    "in-reset": lambda row: row["reset"] != "-",
    "pf-down": lambda row: row["down"] != "0",
    "no-list": lambda row: row["list"] == "none",
}


def read() -> list[dict[str, str]]:
    """The rows, by the names of their columns."""
    text = Path(__file__).with_name("drivers.tsv").read_text()
    head, *rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [dict(zip(head, row, strict=True)) for row in rows]


def is_errno(value: str) -> bool:
    """Whether this is the name of an errno, or the number of one that has no name (bnxt, octeontx2)."""
    if value.startswith("E"):
        return hasattr(errno, value)
    return value == "0" or (bool(NUMBER.fullmatch(value)) and int(value) not in errno.errorcode)


def faults(row: dict[str, str]) -> list[str]:
    """What is wrong with a row."""
    wrong = [name for name, pattern in ALLOWED.items() if not re.fullmatch(pattern, row[name])]
    wrong += [name for name in [*REQUESTS, "down"] if not is_errno(row[name])]
    wrong += [name for name in ("reset", "unknown") if row[name] != "-" and not is_errno(row[name])]
    if not KINDS.get(row["kind"], lambda _: False)(row):
        wrong.append("kind")
    if row["list"] == "gap" and row["reset"] == "-":
        wrong.append("list without a reset")
    if (row["list"] == "empty") != (row["down"] != "0"):
        wrong.append("list and down")
    return wrong


def compiled(rows: list[dict[str, str]]) -> str:
    """The rows as virnetdevvf-check has them: without the columns that only the tests need."""
    names = [name for name in rows[0] if name not in ("source", "unknown", "wait_ms")]
    rows = [{**row, "driver": IN_SYSFS.get(row["driver"], row["driver"])} for row in rows]
    return "".join(" ".join(row[name] for name in names) + "\n" for row in rows)


def readme_faults(rows: list[dict[str, str]]) -> list[str]:
    """What is wrong in README's table "By NIC": each driver must be in one row, with the kinds of its drivers."""
    table = (TOP / "README.md").read_text().split("## By NIC\n")[1].split("\n## ")[0]
    lines = [line.split("|") for line in table.splitlines() if line.startswith("| ") and "`" in line]
    named = [([*re.findall("`([^`]+)`", line[2])], set(re.findall("`([^`]+)`", line[3]))) for line in lines]
    once = sorted(driver for drivers, _ in named for driver in drivers)
    wrong = [] if once == sorted(set(DRIVERS) - {"netdevsim", "ipoib"}) else [f"the drivers are {once}"]
    for drivers, kinds in named:
        found = {row["kind"] for row in rows if row["driver"] in drivers}
        wrong += [] if kinds == found else [f"{drivers}: {sorted(found)}"]
    return wrong


def main() -> None:
    """Judges each row."""
    rows = read()
    check = CHECK.read_text()
    if sys.argv[1:] == ["--update"]:
        CHECK.write_text(COMPILED.sub(lambda _: compiled(rows), check))
        return
    names = [(row["driver"], row["mode"]) for row in rows]
    results = {f"{driver} has a row": [] if driver in dict(names) else [driver] for driver in DRIVERS}
    results["no row is there twice, and each is of a known driver"] = [
        " ".join(name) for name in names if names.count(name) > 1 or name[0] not in DRIVERS
    ]
    results |= {f"{row['driver']} {row['mode']} has only allowed values": faults(row) for row in rows}
    has = COMPILED.search(check)
    same = has is not None and has[0] == compiled(rows)
    results["virnetdevvf-check has the same rows"] = [] if same else ["run ctests/drivers/drivers.py --update"]
    results["README's table of NICs has the kinds of the rows"] = readme_faults(rows)
    for name, wrong in results.items():
        tap.test(f"drivers: {name}", not wrong, wrong)
    tap.done_testing()


if __name__ == "__main__":
    main()
