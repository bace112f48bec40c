"""Run a model host: `python -m voicegate_agent.model_host`, by itself on a port, or as an agent's child on a socket.

Each setting is an option, or else the environment's variable that the agent reads too.
"""

import argparse
import asyncio
import ctypes
import os
import signal
import sys
import threading
from pathlib import Path

from voicegate_agent.log_output import configure_logging
from voicegate_agent.memory_release import release_on_signal
from voicegate_agent.memray_capture import Role, recorded
from voicegate_agent.model_host.config import add_arguments, read_config
from voicegate_agent.model_host.protocol import ModelHostError
from voicegate_agent.models.packaged.disk_space import DiskSpaceError
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.settings import SettingsError
from voicegate_agent.stopping import clean_up_when_stopped

M_ARENA_MAX = -8
"""The parameter's number in glibc's malloc.h."""


def main() -> int:
    """Serve until told to stop; returns 0, 2 for a setting that cannot be used, 3 for models or an address."""
    arguments = _parse_arguments()
    if arguments.with_parent:
        _leave_signals_to_parent()
    else:
        clean_up_when_stopped()
    prepare_libraries()
    from voicegate_agent.model_host.host_process import Listening, serve  # noqa: PLC0415 - loads them
    from voicegate_agent.model_host.loading import THREAD_NAME  # noqa: PLC0415 - as above

    listening = Listening(arguments.socket, arguments.host, arguments.port, arguments.with_parent)
    try:
        config = read_config(arguments, lambda progress: print(progress, file=sys.stderr))
        configure_logging(config.settings.log_format)
        release_on_signal()
        with recorded(config.settings, Role.MODEL_HOST):
            asyncio.run(serve(config, listening))
    except SettingsError as error:
        return _complain(error, 2)
    except (ModelHostError, ModelFilesError, DiskSpaceError, OSError) as error:
        code = _complain(error, 3)
        if any(thread.name == THREAD_NAME for thread in threading.enumerate()):
            os._exit(code)  # a load that hangs; in native code, which aborts when Python ends around it
        return code
    return 0


def _complain(error: Exception, code: int) -> int:
    print(f"model host: {error}", file=sys.stderr, flush=True)
    return code


def _leave_signals_to_parent() -> None:
    """Ignore what a terminal or a service manager sends to all processes: calls still drain, and need the models."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def prepare_libraries() -> None:
    """Set what the numeric libraries read when they are loaded, unless the user has.

    OpenBLAS' threads only fight with CTranslate2's (features of 2 s of speech: 0.7 ms with one thread, 16 ms with
    two), waiting OpenMP threads would spin on cores that calls need, and two heaps are enough. oneDNN, in CTranslate2, keeps what it
    compiled for each length of speech, 1,024 of them unless it is told otherwise.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m voicegate_agent.model_host", description=__doc__)
    parser.add_argument("--socket", type=Path, metavar="PATH", help="listen on this Unix socket")
    parser.add_argument("--host", default="127.0.0.1", help="else listen on this address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="and this TCP port (default 8080)")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when standard input closes, not on signals"
    )
    add_arguments(parser)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
