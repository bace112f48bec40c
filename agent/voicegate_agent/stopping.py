"""How a command ends that is told to stop."""

import signal
from types import FrameType
from typing import NoReturn


def clean_up_when_stopped() -> None:
    """Have SIGTERM end this process as an exception does: a download that runs ends with it, half-made folders go."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
