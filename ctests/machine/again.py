"""Runs a program that starts an emulated machine. If the emulator fails, runs it once more; a second failure is red.

usage: again.py PROGRAM [ARGUMENT...]      PROGRAM ends with status FAILED if its emulator failed; see machine.py

The output of the first try counts: only new lines of the second try are printed, and a red result stays red. So a
suite's output is as if there had been one try, with a line `# = machine started again: WHY`.
"""
import collections
import signal
import subprocess
import sys

FAILED = 75


def attempt(command, printed, again):
    """Runs it, prints its lines and adds them to `printed`; `again`: not those in `printed`. Its status, and why."""
    why = None
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    for line in process.stdout:
        if line.startswith(b"# machine: "):
            why = line.decode(errors="replace").removeprefix("# machine: ").strip()
        same = line if printed[line] or not line.startswith(b"ok ") else b"not " + line
        if again and printed[same]:
            printed[same] -= 1
            continue
        if not again:
            printed[line] += 1
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
    return process.wait(), why


def main(command):
    printed = collections.Counter()
    status, why = attempt(command, printed, False)
    # Else it is the status of the command in the machine.
    if status == FAILED and why:
        red = any(line.startswith(b"not ok ") for line in printed)
        print(f"# = machine started again: {why}", flush=True)
        status, why = attempt(command, printed, True)
        if status == FAILED and why:
            print(f"not ok - the emulated machine comes to its end: {why}", flush=True)
        status = status or int(red)
    return status if status >= 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
