"""What ctests/check runs when everything is built: the suites by Meson's test runner, and the sum of their results.

usage: check.py BUILD [--quick | --full | --list | SUITE [PATTERN] | SUITE SUITE...]

Meson passes a suite that prints nothing, and one that ends early with status 0. Here a suite has failed that has no
result, fewer results than its plan (`1..N`), or a status other than 0: all are counted from what it printed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

BUILD = pathlib.Path(sys.argv[1])
LOGS = BUILD / "logs"
# How long each suite took here, the last time.
TIMES = BUILD / "times.json"
QUICK = ["unit", "header", "contract"]
RESULT = re.compile(r"(ok|not ok)\b(?: - )?(.*)")
CLOCK = time.monotonic


def spent(seconds):
    """1:02"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def printed(name, kind):
    """The lines of a suite's output."""
    file = LOGS / f"{name}.{kind}"
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def listed():
    """The suites: name, folder and setup, in the order in which Meson starts them."""
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", BUILD], text=True))
    found = {}
    for test in sorted(tests, key=lambda test: -test["priority"]):
        folder, *setup = [name.split(":")[-1] for name in test["suite"]]
        if setup:
            found[test["name"]] = (folder, setup[0])
    return found


class Suite:
    """What a suite printed, judged line by line; `status` is None if Meson ended it."""

    def __init__(self, name, pattern, status, seconds):
        self.name, self.seconds = name, seconds
        self.passed, self.failed, self.skipped, self.measured = [], [], [], []
        lines = printed(name, "tap")
        comments, seen, planned = None, 0, None
        for line in lines:
            result = RESULT.match(line)
            if result:
                comments, seen = None, seen + 1
                if pattern and pattern not in result[2]:
                    continue
                if result[1] == "not ok":
                    comments = [line]
                    self.failed.append(comments)
                elif "# SKIP" in line:
                    self.skipped.append(line)
                else:
                    self.passed.append(line)
            elif re.fullmatch(r"1\.\.\d+", line):
                planned = int(line[3:])
            elif line.startswith("# = "):
                self.measured.append(line[4:])
            elif comments is not None:
                comments.append(line)
        if status is None:
            why = "it did not come to its end in time"
        elif status and not self.failed:
            why = f"it ended with status {status}"
        elif planned is not None and planned != seen:
            why = f"it planned {planned} results"
        elif not self.passed + self.failed + self.skipped:
            why = f"no test has '{pattern}' in its name" if pattern else "it tested nothing"
        else:
            return
        title = f"not ok - {name}: {why}, after {seen} results; the end of {LOGS / name}.tap and .log:"
        self.failed.append([title, *(lines + printed(name, "log"))[-30:]])

    def show(self):
        """What failed, was skipped and was measured."""
        for comments in self.failed:
            print("\n".join("    " + line for line in comments))
        for line in self.measured:
            print("   " + line)
        for line in self.skipped:
            print("    " + line)
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        failed, time_spent = len(self.failed), spent(self.seconds)
        print(f"== {self.name}: {len(self.passed)} ok, {failed} not ok{skipped} ({time_spent})", flush=True)


class Progress:
    """A line that says what runs: over itself on a terminal, else one now and then."""

    def __init__(self, names):
        self.names, self.start, self.last = names, CLOCK(), CLOCK()
        self.times = json.loads(TIMES.read_text()) if TIMES.exists() else {}
        self.began, self.terminal, self.shown = {}, sys.stdout.isatty(), False

    def line(self, done):
        """1:10, 3 of 27 suites done, about 5:00 left; running: host 0:50 of about 4:40 (31 results)"""
        running, left = [], []
        for name in self.names:
            if name in done:
                continue
            took = self.times.get(name)
            left.append(took)
            if name in self.began:
                ran = CLOCK() - self.began[name]
                results = sum(bool(RESULT.match(line)) for line in printed(name, "tap"))
                running.append(f"{name} {spent(ran)}{f' of about {spent(took)}' if took else ''} ({results} results)")
                left[-1] = None if took is None else max(0, took - ran)
        about = "" if not left or None in left else f", about {spent(sum(left) / (os.cpu_count() or 1))} left"
        return (f"{spent(CLOCK() - self.start)}, {len(done)} of {len(self.names)} suites done{about}; "
                f"running: {', '.join(running) or 'none'}")

    def show(self, done):
        """The line, where it is due."""
        for name in self.names:
            if (LOGS / f"{name}.tap").exists():
                self.began.setdefault(name, CLOCK())
        if self.terminal:
            print("\r\033[K" + self.line(done)[:os.get_terminal_size().columns - 1], end="", flush=True)
            self.shown = True
        elif CLOCK() - self.last > 30:
            self.last = CLOCK()
            print(".. " + self.line(done), flush=True)

    def clear(self):
        """Before something else is printed."""
        if self.shown:
            print("\r\033[K", end="")


def run(names, pattern):
    """Has Meson run these, and shows each as it ends."""
    LOGS.mkdir(exist_ok=True)
    for name in names:
        for file in LOGS.glob(f"{name}.*"):
            file.unlink()
    environment = {**os.environ, "VIRNETDEVVF_LOGS": str(LOGS), "VIRNETDEVVF_PATTERN": pattern or ""}
    wrapper = pathlib.Path(__file__).with_name("record.sh")
    command = ["meson", "test", "-C", BUILD, "--setup", "full", "--no-rebuild", "--quiet", "--wrapper", wrapper, *names]
    log = BUILD / "meson.log"
    meson = subprocess.Popen(command, env=environment, stdout=log.open("w"), stderr=subprocess.STDOUT)
    suites, progress = {}, Progress(names)

    def ended(name, status, seconds):
        progress.clear()
        suites[name] = Suite(name, pattern, status, seconds)
        for line in suites[name].passed if pattern else []:
            print("    " + line)
        suites[name].show()

    while True:
        last = meson.poll() is not None
        for name in names:
            if name not in suites and printed(name, "status"):
                ended(name, *map(int, printed(name, "status")[0].split()))
        if last:
            break
        progress.show(suites)
        time.sleep(0.5)
    progress.clear()
    absent = [name for name in names if name not in suites]
    for name in absent:
        ended(name, None, CLOCK() - progress.began.get(name, CLOCK()))
    if absent:
        print("".join(log.read_text(errors="replace")[-3000:]))
    if not pattern:
        took = {name: suite.seconds for name, suite in suites.items() if name not in absent}
        TIMES.write_text(json.dumps({**progress.times, **took}))
    return suites.values()


def main():
    """The command line; the sum."""
    known = listed()
    arguments, pattern = sys.argv[2:], None
    if arguments == ["--list"]:
        for name, (folder, setup) in known.items():
            print(f"{name:<16} {'ctests/' + folder:<18} {setup}")
        return
    if arguments in ([], ["--full"], ["--quick"]):
        names = [name for name, (_, setup) in known.items() if arguments or setup == "check"]
        if arguments == ["--quick"]:
            names = QUICK
    elif len(arguments) == 2 and arguments[0] in known and arguments[1] not in known:
        names, pattern = arguments[:1], arguments[1]
    else:
        names = arguments
        for name in names:
            if name not in known:
                sys.exit(f"check: no suite is called {name} (ctests/check --list names them)")
    suites = run(names, pattern)
    if len(suites) > 1:
        longest = sorted(suites, key=lambda suite: -suite.seconds)
        print("== " + ", ".join(f"{suite.name} {spent(suite.seconds)}" for suite in longest))
    passed, skipped = sum(len(suite.passed) for suite in suites), sum(len(suite.skipped) for suite in suites)
    failed = sum(len(suite.failed) for suite in suites)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(failed > 0)


main()
