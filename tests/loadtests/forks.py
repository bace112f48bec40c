"""Runs programs that need Locust, each in a fork of this process, which has imported it: that takes seconds, and changes the process.

Standard input has a line of JSON for each: what would follow `python`, the whole environment, and a folder. The folder gets what the program writes, `out` and
`err`, and standard output its exit code.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import locust.main  # noqa: F401 - first: it lets gevent take over
import voicegate.judge.registry
import voicegate.settings  # noqa: F401


def run(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> int:
    """Run a program as Python's own command does; returns its exit code."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY), number)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # it may be another in that environment
    sys.argv = list(arguments)
    try:
        match arguments:
            case ["-m", module, *rest]:
                sys.argv = [module, *rest]
                runpy.run_module(module, run_name="__main__", alter_sys=True)
            case ["-c", program, *rest]:
                sys.argv = ["-c", *rest]
                exec(program, {"__name__": "__main__"})
            case [path, *_]:
                runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - as Python does, whatever it is
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    for line in sys.stdin:
        asked, variables, place = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(run(asked, variables, Path(place)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
