"""Has Meson run the suites that ctests/check has chosen. Shows and counts their results.

usage: check.py BUILD PATTERN SUITE...    BUILD: Meson's build directory; PATTERN: '' or a part of a test's name

Meson's TAP parser and record.sh, which runs each suite, decide: a suite has failed if Meson does not print OK.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

BUILD = pathlib.Path(sys.argv[1])
# TIMES has how long each suite took the last time.
LOGS, TIMES = BUILD / "logs", BUILD / "times.json"
RESULT = re.compile(r"(ok|not ok) (?:\d+ )?- (.*)")
# 3/27 virnetdevvf:host+check / host    ERROR    61.20s   exit status 1
VERDICT = re.compile(r" *\d+/\d+ (?:.* / )?(\S+) +([A-Z]+) +([\d.]+)s", re.M)
CLOCK, TERMINAL = time.monotonic, sys.stdout.isatty()


def spent(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def printed(name, kind="tap"):
    file = LOGS / f"{name}.{kind}"
    return file.read_text(errors="replace").splitlines() if file.exists() else []


class Suite:
    """Shows what a suite printed, and Meson's verdict."""

    def __init__(self, name, pattern, verdict, seconds):
        self.name, self.seconds = name, float(seconds)
        self.passed, self.failed, self.skipped, measured, comments = [], [], [], [], None
        for line in printed(name):
            if result := RESULT.match(line):
                comments = [line] if result[1] == "not ok" else None
                # record.sh adds the results that start with "suite ".
                if pattern in result[2] or result[2].startswith("suite "):
                    kind = self.failed if comments else self.skipped if "# SKIP" in line else self.passed
                    kind.append(comments or line)
            elif line.startswith("# = "):
                measured.append(line[2:])
            elif comments is not None:
                comments.append(line)
        self.again = [line for line in measured if line.startswith("= machine started again")]
        if verdict != "OK" and not self.failed:
            end = [*printed(name), *printed(name, "log")][-30:]
            title = f"not ok - suite {name}: Meson says {verdict}; the end of {LOGS / name}.tap and .log:"
            self.failed.append([title, *end])
        elif not self.passed + self.failed:
            self.failed.append([f"not ok - suite {name}: no test that ran has '{pattern}' in its name"])
        failed = [line for comments in self.failed for line in comments]
        for line in failed + measured + (self.passed if pattern else []) + self.skipped:
            print("    " + line)
        skip = f", {len(self.skipped)} skipped" if self.skipped else ""
        print(f"== {name}: {len(self.passed)} ok, {len(self.failed)} not ok{skip} ({spent(self.seconds)})", flush=True)


def progress(names, done, began, times):
    """1:10, 3 of 27 suites done; running: host 0:50 of about 4:40 (31 results)"""
    running = []
    for name in (name for name in names if name in began and name not in done):
        about = f" of about {spent(times[name])}" if name in times else ""
        count = sum(bool(RESULT.match(line)) for line in printed(name))
        running.append(f"{name} {spent(CLOCK() - began[name])}{about} ({count} results)")
    return f"{spent(CLOCK() - began[''])}, {len(done)} of {len(names)} suites done; running: {', '.join(running)}"


def run(names, pattern):
    """Has Meson run these suites. Shows each one when it ends."""
    for file in (file for name in names for file in LOGS.glob(f"{name}.*")):
        file.unlink()
    times = json.loads(TIMES.read_text()) if TIMES.exists() else {}
    suites, began, last, log = {}, {"": CLOCK()}, CLOCK(), BUILD / "meson.log"
    meson = subprocess.Popen(["meson", "test", "-C", BUILD, "--setup", "full", "--no-rebuild", *names], stderr=2,
                             env={**os.environ, "VIRNETDEVVF_PATTERN": pattern}, stdout=log.open("w"))
    while len(suites) < len(names):
        ended = meson.poll() is not None
        verdicts = {name: said for name, *said in VERDICT.findall(log.read_text(errors="replace"))}
        for name in names:
            if name not in suites and (name in verdicts or ended):
                print(end="\r\033[K" if TERMINAL else "")
                suites[name] = Suite(name, pattern, *verdicts.get(name, ("nothing", 0)))
            elif (LOGS / f"{name}.tap").exists():
                began.setdefault(name, CLOCK())
        if TERMINAL:
            line = "\r\033[K" + progress(names, suites, began, times)[:os.get_terminal_size().columns - 1]
            print(end=line if len(suites) < len(names) else "\r\033[K", flush=True)
        elif CLOCK() - last > 30:
            last = CLOCK()
            print(".. " + progress(names, suites, began, times), flush=True)
        time.sleep(0.2)
    if not pattern:
        TIMES.write_text(json.dumps({**times, **{name: suite.seconds for name, suite in suites.items()}}))
    return sorted(suites.values(), key=lambda suite: -suite.seconds)


def main(pattern, *names):
    """Runs the suites, prints the sum, and exits with the status."""
    suites = run(names, pattern)
    if len(suites) > 1:
        print("== " + ", ".join(f"{suite.name} {spent(suite.seconds)}" for suite in suites))
    passed, failed, skipped, again = (sum(len(getattr(suite, kind)) for suite in suites)
                                      for kind in ("passed", "failed", "skipped", "again"))
    if again:
        print(f"machines that had to be started again: {again}")
    total = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    print(total)
    (BUILD / "sum.txt").write_text(total + "\n")
    sys.exit(failed > 0)


main(*sys.argv[2:])
