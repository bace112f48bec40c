"""Utterances that were being transcribed when a host died, so that none of them kills the next one as well.

While its worker is busy a host keeps their checksums in a file beside its socket. The next host on that socket finds the
file: a lone utterance is refused from then on, and of several each is transcribed alone, so that the next death tells which.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import InvalidRequestError


class Quarantine:
    """Remembers across deaths; without a socket's path it remembers nothing."""

    def __init__(self, socket: Path | None = None) -> None:
        self._busy_file = socket.with_name(f"{socket.name}.busy") if socket else None
        self._refused_file = socket.with_name(f"{socket.name}.refused") if socket else None
        self._suspected: set[str] = set()
        self._refused = _read(self._refused_file)
        left = _read(self._busy_file)
        if self._busy_file and self._refused_file and len(left) == 1:
            self._refused |= left
            self._refused_file.write_text("\n".join(self._refused), encoding="ascii")
        elif left:
            self._suspected = left

    def check(self, samples: Samples) -> None:
        """Raise InvalidRequestError for an utterance that a host died of."""
        if self._refused and _checksum(samples) in self._refused:
            message = "the model host died while it transcribed this audio, which is not tried again"
            raise InvalidRequestError(message)

    def is_suspected(self, samples: Samples) -> bool:
        """Whether a host died while it transcribed this utterance with others."""
        return bool(self._suspected) and _checksum(samples) in self._suspected

    @contextmanager
    def watching(self, batch: Iterable[Samples]) -> Iterator[None]:
        """Note what is being transcribed in this block."""
        if self._busy_file is None:
            yield
            return
        self._busy_file.write_text("\n".join(map(_checksum, batch)), encoding="ascii")
        try:
            yield
        finally:
            self._busy_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Leave no file behind: this host stops as it was asked to."""
        for file in (self._busy_file, self._refused_file):
            if file:
                file.unlink(missing_ok=True)


def _read(file: Path | None) -> set[str]:
    try:
        return set(file.read_text(encoding="ascii").split()) if file else set()
    except FileNotFoundError:
        return set()


def _checksum(samples: Samples) -> str:
    return hashlib.blake2b(samples.tobytes(), digest_size=16).hexdigest()
