"""What is taken from the sound of recorded calls while nobody calls: each wait once more, and what the replies say."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from voicegate.record.events import Event, Turn
from voicegate.record.offline_latency import measured_offline
from voicegate.record.recognizer import (
    Recognizer,
    RecognizerError,
    WhisperRecognizer,
    heard,
    turns_with_reply,
)
from voicegate.settings import RecognizerSection

_CALLS_PER_NOTE = 10

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """Listens to calls one by one; `folder` is the recording's. Without a recognizer they stay unheard."""

    recognizer: Recognizer | None
    folder: Path
    emit: Callable[[Event], None]

    async def listen(self, call: Sequence[Turn]) -> list[Turn]:
        """Record all turns of a call again, with the wait as its files have it and what was heard; return them."""
        measured = await asyncio.to_thread(measured_offline, call, self.folder)
        return [await self._hear(turn) for turn in measured]

    async def listen_to_all(self, turns: Sequence[Turn], progress: Progress) -> None:
        """Listen to all calls that nobody has listened to yet."""
        by_call = groupby(sorted(turns, key=attrgetter("call", "index")), key=attrgetter("call"))
        calls = [call for _, group in by_call if not any(map(_is_done, call := list(group)))]
        for number, call in enumerate(calls):
            if number % _CALLS_PER_NOTE == 0:
                progress(f"Listening to the calls: {number} of {len(calls)}")
            await self.listen(call)

    async def _hear(self, turn: Turn) -> Turn:
        if self.recognizer is not None and turns_with_reply([turn]):
            turn = await asyncio.to_thread(heard, turn, self.folder, self.recognizer)
        self.emit(turn)
        return turn


def _is_done(turn: Turn) -> bool:
    return turn.heard_text is not None or turn.offline_latency_s is not None


async def make_listener(
    section: RecognizerSection | None, folder: Path, emit: Callable[[Event], None], progress: Progress
) -> Listener:
    """Load the recognizer of the settings; one that cannot be used is told of, and missing."""
    recognizer: Recognizer | None = None
    if section is not None:
        try:
            recognizer = await asyncio.to_thread(WhisperRecognizer, section.model)
        except RecognizerError as error:
            progress(f"The replies are not listened to: {error}")
    return Listener(recognizer, folder, emit)
