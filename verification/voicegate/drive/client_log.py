"""What LiveKit's client says of itself in the gate's own process: kept beside the report, and off the terminal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLIENT_LOG = "livekit-client.log"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@contextmanager
def client_log(folder: Path) -> Iterator[None]:
    """Write what LiveKit's client logs into a file in `folder`, which is made with its first line, and nowhere else."""
    logger = logging.getLogger("livekit")
    handler = logging.FileHandler(folder / CLIENT_LOG, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
        handler.close()
