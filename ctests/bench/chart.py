# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what one request costs, as counted on `lo` in this run.

    chart.py DIRECTORY FILE.svg
"""

import sys

import matplotlib

matplotlib.use("svg")
# The same counts make the same file; letters are text, which a reader's program draws and can search.
matplotlib.rcParams.update({"svg.hashsalt": "virnetdevvf", "svg.fonttype": "none", "font.family": "sans-serif"})

import matplotlib.pyplot as plt  # noqa: E402
from machines import of_lo  # noqa: E402
from measure import FLOOR, IP, LIBNL, LIBVIRT, OURS  # noqa: E402

# What each is called, from the cheapest on.
NAMES = {
    FLOOR: "four bare system calls",
    OURS: "this library",
    LIBNL: "libnl-route-3",
    LIBVIRT: "libvirt",
    IP: "a process: ip link set",
}
INK, PALE, OWN, OTHER = "#1f2328", "#d0d7de", "#0969da", "#8c959f"


def draw(axes, title, values):
    axes.barh(list(NAMES.values()), values, color=[OWN if name == OURS else OTHER for name in NAMES], height=0.62)
    axes.set_title(title, loc="left", fontsize=11, color=INK, pad=10)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(1, max(values) * 8)
    for place, value in enumerate(values):
        axes.annotate(f"{value:,.0f}", (value, place), (5, 0), textcoords="offset points", va="center", color=INK)
    axes.tick_params(axis="y", length=0, colors=INK, labelsize=10.5)
    axes.tick_params(axis="x", which="both", colors=INK, labelsize=8, color=PALE)
    axes.grid(axis="x", color=PALE, linewidth=0.7)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(OTHER)


def main(file):
    counted = of_lo()["request"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.1), sharey=True, layout="constrained")
    # A background of its own: it is read on a white page and on a dark one.
    figure.set_facecolor("white")
    draw(left, "Instructions in user space", [counted[name]["instructions"] for name in NAMES])
    draw(right, "System calls", [counted[name]["calls"] for name in NAMES])
    figure.supxlabel("for one request; each step of the scale is ten times the one before", fontsize=8.5, color=INK)
    figure.savefig(file, metadata={"Date": None, "Creator": None, "Title": "What one request costs"})


if __name__ == "__main__":
    main(sys.argv[2])
