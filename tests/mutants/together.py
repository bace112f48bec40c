"""Several faults in one agent, which criteria must tell apart: MUTANT_FAULTS names them, each with the process it is in.

`main:monitor_silent host:silent_replies call:leaves_processes` breaks the agent's first process, its model host and each call.
"""

import os
from functools import partial
from importlib import import_module

from mutants.broken_agent import run_broken_call, start_with_broken_host
from voicegate_agent import voice_server


def break_all(process: str) -> None:
    """Break what is to be broken in this kind of process, one after the other."""
    for fault in os.environ["MUTANT_FAULTS"].split():
        where, _, name = fault.partition(":")
        if where == process:
            import_module(f"mutants.{name}").break_it()


if __name__ == "__main__":
    break_all("main")
    voice_server.run_call = partial(run_broken_call, partial(break_all, "call"))
    start_with_broken_host("mutants.together", partial(break_all, "host"))
