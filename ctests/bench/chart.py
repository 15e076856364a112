# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what one request costs, as counted in this run, on the SR-IOV driver of the emulated machine.

    chart.py DIRECTORY FILE.svg
"""

import sys

import matplotlib

matplotlib.use("svg")
# The same counts make the same file; letters are text, which a reader's program draws and can search.
matplotlib.rcParams.update({"svg.hashsalt": "virnetdevvf", "svg.fonttype": "none", "font.family": "sans-serif"})

import matplotlib.pyplot as plt  # noqa: E402
from machines import in_guest, result_of  # noqa: E402
from measure import FLOOR, IP, LIBNL, LIBVIRT, OURS  # noqa: E402

# What each is called, from the cheapest on.
NAMES = {
    FLOOR: "the four calls, bare",
    OURS: "this library",
    LIBVIRT: "libvirt",
    LIBNL: "libnl-route-3",
    IP: "ip link set",
}
INK, OWN, OTHER = "#1f2328", "#0969da", "#9aa4af"


def draw(axes, title, values):
    # A process takes so much more that its bar is cut off: the others would be too short to compare.
    end = max(values[:-1]) * 1.35
    shown = [min(value, end) for value in values]
    axes.barh(range(len(values)), shown, color=[OWN if name == OURS else OTHER for name in NAMES], height=0.64)
    axes.set_title(title, loc="left", fontsize=11, color=INK, pad=8)
    axes.set_xlim(0, end)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, colors=INK, labelsize=10.5)
    for place, (value, length) in enumerate(zip(values, shown)):
        cut = length < value
        label = f"{value:,.0f}, cut off here" if cut else f"{value:,.0f}"
        offset, side = ((-6, 0), "right") if cut else ((5, 0), "left")
        where = {"textcoords": "offset points", "ha": side, "va": "center", "color": INK, "fontsize": 10}
        axes.annotate(label, (length, place), offset, **where)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(OTHER)


def main(file):
    counted = result_of(in_guest("request"))["request"]
    if failed := [name for name in NAMES if counted[name]["result"] != 0]:
        sys.exit(f"chart: the request did not succeed: {', '.join(failed)}")
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 2.7), sharey=True, layout="constrained")
    # A background of its own: it is read on a white page and on a dark one.
    figure.set_facecolor("white")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    left.set_yticks(range(len(NAMES)), NAMES.values())
    left.invert_yaxis()
    draw(left, "One request: instructions in user space", [counted[name]["instructions"] for name in NAMES])
    draw(right, "One request: system calls", [counted[name]["calls"] for name in NAMES])
    figure.savefig(file, metadata={"Date": None, "Creator": None, "Title": "What one request costs"})


if __name__ == "__main__":
    main(sys.argv[2])
