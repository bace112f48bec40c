"""Every call leaves a process behind that nobody ends."""

import subprocess
import sys

from mutants.broken_agent import start_with_broken_calls


def break_it() -> None:
    """Start what looks like a job and does not go; the gate's leash ends it after the run."""
    waiting = "import time; time.sleep(3600)"
    subprocess.Popen(
        [sys.executable, "-c", waiting, "multiprocessing.spawn"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    start_with_broken_calls(break_it)
