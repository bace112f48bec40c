"""The command line of the gate, installed as `voicegate`."""

import contextlib
import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from voicegate.command_line import parse
from voicegate.exit_codes import ExitCode, MeasuringError, UsageError
from voicegate.redaction import hiding, secrets_in

if TYPE_CHECKING:
    from argparse import Namespace

COMMANDS = {
    "init": "voicegate.commands.init",
    "doctor": "voicegate.commands.doctor",
    "verify": "voicegate.commands.verify",
    "judge": "voicegate.commands.judge",
    "soak": "voicegate.commands.soak",
    "load": "voicegate.commands.load",
    "capacity": "voicegate.commands.capacity",
    "profile": "voicegate.commands.profile",
    "compare": "voicegate.commands.compare",
    "trend": "voicegate.commands.trend",
    "prove": "voicegate.commands.prove",
    "scenario": "voicegate.commands.scenario",
    "simulate": "voicegate.commands.simulate",
}
"""The module of each command, whose `run` does it. Only that module is imported: help comes at once."""


def main() -> NoReturn:
    """Run the command line and exit with its code; no secret of the environment reaches the terminal, and no letter is too much for it."""
    livekit = logging.getLogger("livekit")  # what its client says in a run is kept: see drive/client_log.py
    livekit.addHandler(logging.NullHandler())
    livekit.propagate = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # with LC_ALL=C an error would cost a run its report
    secrets = secrets_in(os.environ)
    sys.stdout, sys.stderr = hiding(sys.stdout, secrets), hiding(sys.stderr, secrets)
    try:
        code = run(sys.argv[1:])
    except Exception:  # noqa: BLE001 - Python would exit with 1, which says that a criterion failed
        traceback.print_exc()
        code = ExitCode.NOT_MEASURED
    except KeyboardInterrupt:
        code = ExitCode.NOT_MEASURED
    _exit(code)


def run(arguments: Sequence[str]) -> ExitCode:
    """Do what the arguments say; every error ends here, as one message on stderr and an exit code."""
    options = parse(arguments)
    try:
        command: Callable[[Namespace], ExitCode] = importlib.import_module(COMMANDS[options.command]).run
        return command(options)
    except UsageError as error:
        return _complain(error, ExitCode.USAGE)
    except MeasuringError as error:
        return _complain(error, ExitCode.NOT_MEASURED)


def _exit(code: ExitCode) -> NoReturn:
    """Exit; at once where LiveKit's client was used: its threads were seen to abort a Python that shuts down, which then exits with 134."""
    if "livekit.rtc" in sys.modules:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _complain(message: object, code: ExitCode) -> ExitCode:
    print(f"voicegate: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder that this is started in: no module of the gate
    main()
