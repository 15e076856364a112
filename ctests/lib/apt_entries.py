#!/usr/bin/env python3
"""Print apt source entries (one-line format, deb and deb-src) for another suite of this machine's archive.

usage: apt_entries.py SUITE

The archive is that of the machine's first entry whose suite is this release's codename (or `stable`, `testing`
and so on) and which has the component main. Nothing here names a host.
"""
import pathlib
import re
import sys

ETC = pathlib.Path("/etc/apt")


def release_names():
    text = pathlib.Path("/etc/os-release").read_text()
    names = re.findall(r'^VERSION_CODENAME="?([a-z]+)', text, re.M)
    return set(names) | {"stable", "oldstable", "testing", "unstable", "sid"}


def one_line(path):
    for line in path.read_text().splitlines():
        match = re.match(r"\s*deb(?:-src)?\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match:
            options, uri, suite, components = match.groups()
            yield uri, [suite], components.split(), (options or "").split()


def deb822(path):
    for stanza in re.split(r"\n\s*\n", path.read_text()):
        fields = {}
        for line in stanza.splitlines():
            match = re.match(r"([A-Za-z-]+):\s*(.*)", line)
            if match:
                fields[match[1].lower()] = match[2].strip()
        if fields.get("enabled", "yes").lower() == "no" or "uris" not in fields:
            continue
        signed = fields.get("signed-by", "")
        options = [f"signed-by={signed}"] if signed.startswith("/") else []
        yield fields["uris"].split()[0], fields.get("suites", "").split(), fields.get("components", "").split(), options


def main():
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z][a-z0-9-]*", sys.argv[1]):
        sys.exit(__doc__)
    names = release_names()
    found = []
    for path in [ETC / "sources.list", *sorted(ETC.glob("sources.list.d/*.list"))]:
        if path.is_file():
            found += one_line(path)
    for path in sorted(ETC.glob("sources.list.d/*.sources")):
        found += deb822(path)
    for uri, suites, components, options in found:
        if names & set(suites) and "main" in components:
            bracket = f"[{' '.join(options)}] " if options else ""
            for kind in ("deb", "deb-src"):
                print(f"{kind} {bracket}{uri} {sys.argv[1]} main")
            return
    sys.exit("apt-entries: this machine's apt sources have no entry for this release with the component main")


main()
