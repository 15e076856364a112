#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Can the tests fail? Each line of mutants.tsv breaks one thing in a copy of the source, and names the test that must
then be red; TAP.

    ctests/mutants/mutants.py --rows    those that rows of the contract must find
    ctests/mutants/mutants.py --suites  those that other suites must find, and those of cargo-mutants for the unit tests
    ctests/mutants/mutants.py --fit     no test: whether each edit is found in src
    ctests/mutants/mutants.py --build NAME DIRECTORY    no test: the broken library (.so, .so.0, .a), for other suites
With VIRNETDEVVF_PATTERN: only those of the table whose result's name contains it.
"""

import concurrent.futures
import fcntl
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap

TOP = pathlib.Path(__file__).resolve().parents[2]
WORK = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "mutants"
# Removed for the test programs that run here: they must run all their rows.
PATTERN = os.environ.pop("VIRNETDEVVF_PATTERN", "")
# Interposition needs the release build. Rows have the same results without LTO, and that takes a fifth of a second.
RELEASE = {"RUSTFLAGS": "--cap-lints=allow"}
FAST = {f"CARGO_PROFILE_RELEASE_{key}": value for key, value in
        (("LTO", "off"), ("INCREMENTAL", "true"), ("CODEGEN_UNITS", "16"), ("DEBUG", "false"))} | RELEASE
PROGRAMS = ("contract", "bytes", "kernel", "wrapped")
# Where the unit tests find each fault that cargo-mutants makes, except in the functions whose tests are rows only.
UNIT = ("text.rs", "types.rs", "rtnl/answer.rs", "rtnl/attribute.rs", "rtnl/vf_list.rs")
ROWS_ONLY = "pf_state|vf_info|protocol_of"
SOURCE = {file.relative_to(TOP / "src"): file.read_text() for file in (TOP / "src").rglob("*.rs")}
# An item as cargo fmt writes it.
ITEM = r'^( *)(?:pub\S* |unsafe |const |extern "C" )*(?:(?:fn|enum) {0}\b.*?^\1\}}|(?:const|static|type) {0}\b.*?;)$'


def places(name, old, source):
    """Where items of this name have this text: file, start and end."""
    words = [rf"\b{word}\b" if word[0].isalnum() else re.escape(word) for word in re.findall(r"\w+|[^\w\s]", old)]
    for file, text in source.items():
        for item in re.finditer(ITEM.format(name), text.partition("mod tests {")[0], re.M | re.S):
            for found in re.compile(r"\s*".join(words)).finditer(text, *item.span()):
                if "//" not in text[text.rfind("\n", 0, found.start()) : found.start()]:
                    yield file, *found.span()
                if old == "{":
                    break


class Mutant:
    def __init__(self, line):
        self.what, self.red, *edits = line.split("\t")
        self.edits = [edits[at : at + 3] for at in range(0, len(edits), 3)]
        # "- SEND", "ctests/threads", "calls whoever defines SEND", or a row.
        self.kept = self.red.split()[1:] if self.red.startswith("- ") else []
        self.suite = self.red.removeprefix("ctests/").split(":")[0] if self.red.startswith("ctests/") else None
        self.interposition = bool(self.kept) or self.red.startswith("calls ")
        self.title = f"mutant: {self.what} keeps green" if self.kept else f"mutant: {self.what} turns {self.red} red"

    def among(self, names):
        """Whether the test that must turn red is among these names. A row has its whole name."""
        if self.suite or self.interposition or self.red == "ends with status":
            return any(self.red.removeprefix("ctests/") in name for name in names)
        return self.red in names

    def broken(self):
        """The changed content of the files that this one changes."""
        files = {}
        for name, old, new in self.edits:
            found = list(places(name, old, SOURCE | files))
            if len(found) != 1:
                sys.exit(f"mutants: '{self.what}': {name} has {len(found)} times, not once: {old}")
            file, start, end = found[0]
            text = files.get(file, SOURCE[file])
            files[file] = text[:start] + new + text[end:]
        return files


class Tree:
    """A copy of the source, and the builds from it. Two programs must not break the same copy at the same time."""

    def __init__(self, name):
        self.path = WORK / name
        self.path.mkdir(parents=True, exist_ok=True)
        # Held until this program ends.
        fcntl.flock(os.open(self.path / "lock", os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
        shutil.rmtree(self.path / "tree", ignore_errors=True)
        shutil.copytree(TOP / "src", self.path / "tree/src")
        for name in ("Cargo.toml", "Cargo.lock", "build.rs"):
            shutil.copy(TOP / name, self.path / "tree")

    def build(self, files, profile, directory=None):
        """The library with these files in place of the source's, in a directory: here, or another."""
        source = self.path / "tree/src"
        target = self.path / ("release" if profile is RELEASE else "fast")
        directory = directory or self.path / "lib"
        for file, text in files.items():
            (source / file).write_text(text)
        command = ["cargo", "build", "-q", "--release", "--locked", "--target-dir", str(target)]
        run = subprocess.run(command, cwd=source, env={**os.environ, **profile}, capture_output=True, text=True)
        for file in files:
            (source / file).write_text(SOURCE[file])
        if run.returncode != 0:
            raise RuntimeError(f"it cannot be built: {run.stderr}")
        directory.mkdir(parents=True, exist_ok=True)
        for made, name in ((".so", ".so"), (".so", ".so.0"), (".a", ".a")):
            shutil.copy(target / f"release/libvirnetdevvf{made}", directory / f"libvirnetdevvf{name}")
        return directory


def results(command, **variables):
    """The names of the green results, and of the red ones; a program that dies is red, too."""
    command = ["timeout", "300", *command]
    run = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, errors="replace")
    green, red = [re.findall(rf"^{word} (?:\d+ )?- (.*)", run.stdout, re.M) for word in ("ok", "not ok")]
    if run.returncode != 0 and not red:
        red.append(f"ends with status {run.returncode}: {run.stderr[-500:]}")
    return green, red


def rows(library):
    """The results of each of the programs with the contract's rows."""
    where = {"LD_LIBRARY_PATH": str(library), "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    return [results(["timeout", "60", WORK / "programs" / program], **where) for program in PROGRAMS]


def interpositions(library):
    return results([TOP / "ctests/contract/contract.sh", "--interposition", library])


def suite(name, library):
    what = [library / "libvirnetdevvf.so.0"] if name in ("threads", "faults", "reporting") else ["--library", library]
    return results([TOP / "ctests" / name / f"{name}.sh", *what])


def judge(mutant, library, whole):
    """Whether the right test is red, and what is red; `whole` are the names that were green before."""
    if mutant.suite:
        _, red = suite(mutant.suite, library)
        return mutant.among(red), red
    if mutant.kept:
        # Only the named callees count: with minimal bodies, the callers call nothing.
        green, red = interpositions(library)
        kept = [name for name in whole for callee in mutant.kept if f"defines {callee}" in name]
        return bool(kept) and set(kept) <= set(green), red
    of_each = [interpositions(library)] if mutant.interposition else rows(library)
    # If nothing is green any more, a red row proves nothing.
    return any(green and mutant.among(red) for green, red in of_each), [name for _, red in of_each for name in red]


def test(mutant, trees, whole):
    tree = trees.get()
    try:
        library = tree.build(mutant.broken(), RELEASE if mutant.interposition else FAST)
        good, red = judge(mutant, library, whole)
    except RuntimeError as error:
        good, red = False, [str(error)]
    finally:
        trees.put(tree)
    return mutant.title, good, ["red are:", *"\n".join(red).splitlines()]


def check_whole(trees, mutants):
    """Whether the tests that must turn red are there, and green with the library as it is: their names."""
    tree = trees.get()
    library = tree.build({}, FAST)
    # They find the library when they start.
    programs = [TOP / "ctests/contract/contract.sh", "--programs", library / "libvirnetdevvf.so.0", WORK / "programs"]
    subprocess.run(programs, check=True, stdout=sys.stderr)
    found = rows(library) + [suite(name, library) for name in {mutant.suite for mutant in mutants if mutant.suite}]
    if any(mutant.interposition for mutant in mutants):
        found.append(interpositions(tree.build({}, RELEASE)))
    trees.put(tree)
    green = [name for names, _ in found for name in names]
    if red := [name for _, names in found for name in names]:
        sys.exit("mutants: the library as it is turns red:\n" + "\n".join(red))
    for mutant in mutants:
        if not (mutant.kept or mutant.red == "ends with status" or mutant.among(green)):
            sys.exit(f"mutants: '{mutant.what}': no test is called {mutant.red}")
    return green


def unit_tests(cache):
    """cargo-mutants breaks a function, and runs the tests of cargo. Status 3: one hangs."""
    title, tool = "mutant: each one that cargo-mutants makes turns a unit test red", f"{cache}/cargo-mutants"
    install = ["cargo", "install", "-q", "--locked", "--root", tool, "cargo-mutants@27.1.0"]
    if subprocess.run(install, stdout=sys.stderr).returncode != 0:
        return tap.test(f"{title} # SKIP cargo cannot install it here", True)
    command = [f"{tool}/bin/cargo-mutants", "mutants", "-o", WORK, "-E", ROWS_ONLY, *(f"-fsrc/{file}" for file in UNIT)]
    run = subprocess.run([*command, "--", "--lib"], cwd=TOP, capture_output=True, text=True)
    return tap.test(title, run.returncode in (0, 3) and " caught" in run.stdout, run.stdout + run.stderr)


def main(arguments):
    lines = pathlib.Path(__file__).with_name("mutants.tsv").read_text().splitlines()
    table = [Mutant(line) for line in lines if not line.startswith("#")]
    mutants = {mutant.what: mutant for mutant in table}
    if len(mutants) != len(table):
        sys.exit("mutants: two mutants have the same name")
    # The whole table must fit the source, whatever is run.
    for mutant in table:
        mutant.broken()
    if arguments == ["--fit"]:
        return
    need = ["bash", "-c", f". {TOP}/ctests/lib/lib.sh; need gcc libc6-dev >&2; echo $cache"]
    cache = subprocess.run(need, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    if arguments[:1] == ["--build"]:
        Tree("build").build(mutants[arguments[1]].broken(), RELEASE, pathlib.Path(arguments[2]).absolute())
        return
    wanted = [each for each in table if PATTERN in each.title and bool(each.suite) == (arguments == ["--suites"])]
    # What takes long first.
    wanted.sort(key=lambda mutant: not mutant.interposition)
    trees = queue.Queue()
    for number in range(max(1, min(os.cpu_count(), len(wanted)))):
        trees.put(Tree(str(number)))
    whole = check_whole(trees, wanted)
    with concurrent.futures.ThreadPoolExecutor(trees.qsize()) as pool:
        for result in pool.map(lambda mutant: test(mutant, trees, whole), wanted):
            tap.test(*result)
    if arguments == ["--suites"] and not PATTERN:
        unit_tests(cache)
    tap.done_testing()


if __name__ == "__main__":
    main(sys.argv[1:])
