"""Tests that the imports of each Python file work. Without it, a suite that only --full runs would fail late.

usage: imports.py FILE...

Executes only each file's imports, and its changes of sys.path. host.sh sets the path to machine.py and in_machine.py.
"""
import ast
import os
import pathlib
import sys
import types

CTESTS = pathlib.Path(__file__).resolve().parents[1]


def wanted(node):
    """Whether this statement is an import, or changes where imports are found."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    return ast.unparse(node).startswith("sys.path") or isinstance(node, ast.Assign) and "__file__" in ast.unparse(node)


def imports(file):
    """Executes the imports of a file."""
    tree = ast.parse(file.read_text(), str(file))
    tree.body = [node for node in tree.body if wanted(node)]
    sys.path[:0] = [*(str(folder) for folder in (file.resolve().parent, CTESTS / "machine", CTESTS / "libvirt"))]
    exec(compile(tree, str(file), "exec"), {"__file__": str(file.resolve()), "__name__": "imports"})


# Only the roots of emulated machines have it.
sys.modules["libvirt"] = types.ModuleType("libvirt")
failed = False
for name in sys.argv[1:]:
    # Each file needs its own process, because files in different folders have the same name.
    child = os.fork()
    if child == 0:
        try:
            imports(pathlib.Path(name))
        except Exception as error:
            print(f"{name}: {error}", flush=True)
            os._exit(1)
        os._exit(0)
    failed |= os.waitpid(child, 0)[1] != 0
sys.exit(failed)
