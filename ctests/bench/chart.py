# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws docs/images/cost.svg: what one request costs, as counted on the SR-IOV driver of the emulated machine."""

import sys

from measure import FLOOR, LIBNL, LIBVIRT, OURS

# What each is called, from the cheapest on.
NAMES = {FLOOR: "the four calls, bare", OURS: "this library", LIBVIRT: "libvirt", LIBNL: "libnl-route-3"}
INK, OWN, OTHER = "#1f2328", "#0969da", "#9aa4af"
WIDTH, LEFT, STEP, LONGEST = 800, 160, 32, 220
# The left edge of each chart.
CHARTS = {"instructions": LEFT, "system calls": 500}


def draw(counts, file):
    requests = {name: counts[name]["request"] for name in NAMES}
    if failed := [name for name, counted in requests.items() if counted["result"] != 0]:
        sys.exit(f"chart: the request did not succeed: {', '.join(failed)}")
    height = 60 + STEP * len(NAMES)
    # A background of its own: it is read on a white page and on a dark one. Letters are text, which can be searched.
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        "<title>What one request costs</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]

    def text(x, y, words, anchor="start"):
        lines.append(f'<text x="{x}" y="{y}" fill="{INK}" text-anchor="{anchor}">{words}</text>')

    for unit, left in CHARTS.items():
        text(left, 28, f"One request: {unit}")
        most = max(counted[unit] for counted in requests.values())
        for place, (name, counted) in enumerate(requests.items()):
            top = 46 + STEP * place
            length = round(LONGEST * counted[unit] / most)
            colour = OWN if name == OURS else OTHER
            lines.append(f'<rect x="{left}" y="{top}" width="{length}" height="20" fill="{colour}"/>')
            text(left + length + 6, top + 15, f"{counted[unit]:,.0f}")
            if left == LEFT:
                text(left - 8, top + 15, NAMES[name], "end")
    file.write_text("\n".join([*lines, "</svg>", ""]))
