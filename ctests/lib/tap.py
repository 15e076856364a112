"""Results as TAP, for the suites in Python: see tap.sh. Debian has no plug-in by which pytest prints TAP."""
import sys

seen = failed = 0


def test(name, holds, why=""):
    """Prints one result. After a red one, prints `why`, a text or lines."""
    global seen, failed
    seen += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} - {name}", flush=True)
    if not holds:
        for line in why if isinstance(why, list) else str(why).splitlines():
            print("# " + str(line).replace("\n", "\n#   "), flush=True)


def done_testing():
    """Prints the plan and ends the program, with status 1 if a result is red."""
    print(f"1..{seen}", flush=True)
    sys.exit(failed > 0)
