"""Variables of the environment that must not decide how a library of the gate works."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def without_variables(*beginnings: str) -> Iterator[None]:
    """Take all variables whose names begin so out of the environment for the length of a block."""
    taken = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith(beginnings)}
    try:
        yield
    finally:
        for name in tuple(os.environ):
            if name.startswith(beginnings):
                del os.environ[name]
        os.environ.update(taken)
