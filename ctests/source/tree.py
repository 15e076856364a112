"""Each path and suite that a file of this tree names exists, each link of a page resolves, no file of src and ctests is
too long, and each row of the contract has a case; TAP.

A path is a word that starts with one of the tree's folders. ELSEWHERE has words that may be paths of another tree, such
as libvirt's source.
"""
import glob
import pathlib
import re
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["ctests", "docs", "include", "packaging", "src", "tools", r"\.ci"]
PATH = re.compile(r"(?<![\w./$})*~-])((?:" + "|".join(FOLDERS) + r")/[\w./*{},-]*[\w*}])")
# Paths of libvirt, of the kernel and of systemd, paths that the tests write, and examples.
ELSEWHERE = re.compile(
    r"src/(?:util|libvirt|meson\.build|shipped|\.)|ctests/\*\.c|[a-z]+/\{[a-z]+\}$|ctests/SUITE"
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
# A command in backquotes, or one that is a line of its own.
CHECKED = re.compile(r"(?:`|^    )ctests/check((?: [A-Za-z0-9._-]+)+)(?=`|$)")
# A test that a page cites, with its arguments. The programs of NO_TEST are no tests: they write or print something.
CITED = re.compile(r"`ctests/([\w/-]+\.(?:sh|py))((?: [\w.-]+)*)")
NO_TEST = re.compile(r"package/debs\.sh|.* --(?:chart|json|keep|release|size|update)\b")
# A program writes these.
MADE = re.compile(r"\.lock$")
LINES, COLUMNS = 300, 120


def test(name, wrong):
    """One result, with what is wrong as its comment."""
    tap.test(name, not wrong, wrong)


def expand(path):
    """The paths for a path with braces, as a shell expands them."""
    braces = re.search(r"\{([^{}]*)\}", path)
    if not braces:
        return [path]
    before, after = path[:braces.start()], path[braces.end():]
    return [word for part in braces[1].split(",") for word in expand(before + part + after)]


def exists(path, folder):
    """Whether the path or pattern exists, from the top or from the folder of the file that names it."""
    return all(glob.glob(str(TOP / word)) or glob.glob(str(TOP / folder / word)) for word in expand(path.rstrip(".,")))


def table():
    """The suites that ctests/check or its --full runs: each one's program and arguments, as one string."""
    return dict(re.findall(r"^([\w.-]+) +(?:check|full) +\d+ +(.*)", (TOP / "ctests/suites.txt").read_text(), re.M))


def cited(line, suites):
    """The tests that a line of a page cites and that no suite runs: a program with arguments, or a suite's name."""
    for program, arguments in CITED.findall(line):
        words = {program, *arguments.split()} - {"--tap"}
        if not NO_TEST.match(program + arguments) and not any(words <= set(run.split()) for run in suites.values()):
            yield program + arguments
    yield from (name for name in re.findall(r"\bsuite `([^`/]+)`", line) if name not in suites)


def mapped():
    """The suites in the table of ctests/README.md, each with its folder: question, folder, suites."""
    text = (TOP / "ctests/README.md").read_text()
    for folder, cell in re.findall(r"^\| [^|]*\? \| `(\w+)` \| (.*) \|$", text, re.M):
        yield from ((name, folder) for words in re.findall("`([^`/]+)`", cell) for name in words.split())


def main():
    """Reads the files of git, and the new files that it would add."""
    listed = subprocess.run(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard"], check=True, text=True,
                            capture_output=True).stdout.split()
    names = [name for name in listed if (TOP / name).is_file() and not (TOP / name).is_symlink()]
    absent, unresolved, unknown, unrun, long = [], [], [], [], []
    suites = table()
    for name in names:
        if MADE.search(name):
            continue
        try:
            lines = (TOP / name).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            absent += [f"{name}:{number}: {path}" for path in PATH.findall(line)
                       if not ELSEWHERE.search(path) and not exists(path, pathlib.Path(name).parent)]
            for named in CHECKED.findall(line):
                unknown += [f"{name}:{number}: {word}" for word in named.split()
                            if word not in suites and not word.startswith("-") and word == word.lower()]
            if name.endswith((".md", ".rst")):
                unrun += [f"{name}:{number}: {test}" for test in cited(line, suites)]
            if name.endswith(".md"):
                unresolved += [f"{name}:{number}: {link}" for link in LINK.findall(line)
                               if ":" not in link and not (TOP / name).parent.joinpath(link).exists()]
            # A row of a table must be one line.
            if name.startswith("ctests/") and len(line) > COLUMNS and not name.endswith(".tsv") and line[0] != "|":
                long.append(f"{name}:{number}: {len(line)} columns")
        if name.startswith(("ctests/", "src/")) and len(lines) > LINES:
            long.append(f"{name}: {len(lines)} lines")
    test("paths: each named path exists", absent)
    test("paths: each link of a page resolves", unresolved)
    test("paths: each named suite exists", unknown)
    test("paths: each test that a page cites is run by ctests/check or --full", unrun)
    # ctests/demo is in no folder.
    folders = {(name, "machine" if name == "demo" else run.split("/")[0]) for name, run in suites.items()}
    test("paths: ctests/README.md has each suite, with its folder", sorted(map(str, folders ^ set(mapped()))))
    test(f"src, ctests: no file has more than {LINES} lines; ctests: no line more than {COLUMNS} columns", long)
    rows = re.findall(r"^\| ([A-Z][0-9]+) \|", (TOP / "docs/contract.md").read_text(), re.M)
    sources = "".join(path.read_text() for path in (TOP / "ctests/contract").glob("*.c"))
    unequal = set(rows) ^ set(re.findall(r"\b([A-Z][0-9]+)_[a-z0-9]", sources))
    test("contract: each row has a case, and each case a row", sorted(unequal))
    tap.done_testing()


main()
