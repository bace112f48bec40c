"""What the replies of recorded calls say, heard by the gate's own recognizer while nobody calls."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from voicegate.drive.page.sound import understood
from voicegate.limits import SpeechLimits
from voicegate.progress import Progress
from voicegate.record.events import Event, PageCall, Turn
from voicegate.record.recognizer import Recognizer, RecognizerError, WhisperRecognizer, can_be_heard, heard
from voicegate.settings import GateSettings

_CALLS_PER_NOTE = 10


@dataclass(frozen=True, slots=True)
class Listener:
    """Listens to calls one by one; `folder` is the recording's. Without a recognizer they stay unheard."""

    recognizer: Recognizer | None
    folder: Path
    emit: Callable[[Event], None]

    async def listen(self, call: Sequence[Turn]) -> list[Turn]:
        """Record the turns of a call that have a reply again, with what was heard; return all."""
        return [await self._hear(turn) for turn in call]

    async def listen_to_all(self, turns: Sequence[Turn], progress: Progress) -> None:
        """Listen to all calls that nobody has listened to yet."""
        if self.recognizer is None:
            return
        by_call = groupby(sorted(turns, key=attrgetter("call", "index")), key=attrgetter("call"))
        calls = [call for _, group in by_call if any(map(_is_to_hear, call := list(group)))]
        for number, call in enumerate(calls):
            if number % _CALLS_PER_NOTE == 0:
                by = "" if number else f", by {self.recognizer.ears.name}"
                progress(f"Listening to the calls: {number} of {len(calls)}{by}")
            await self.listen(call)

    async def listen_to_page(self, calls: Sequence[PageCall], limits: SpeechLimits) -> None:
        """Record calls from a web page again, with what was heard."""
        if self.recognizer is None:
            return
        for call in calls:
            self.emit(await asyncio.to_thread(understood, call, self.folder, self.recognizer, limits))

    async def _hear(self, turn: Turn) -> Turn:
        if self.recognizer is not None and _is_to_hear(turn):
            turn = await asyncio.to_thread(heard, turn, self.folder, self.recognizer)
            self.emit(turn)
        return turn


def _is_to_hear(turn: Turn) -> bool:
    return turn.heard_text is None and can_be_heard(turn)


async def make_listener(
    settings: GateSettings, folder: Path, emit: Callable[[Event], None], progress: Progress
) -> Listener:
    """Load the recognizer of the settings; one that cannot be used is told of, and missing."""
    recognizer: Recognizer | None = None
    if settings.ears is not None:
        try:
            recognizer = await asyncio.to_thread(WhisperRecognizer, settings.ears, settings.language)
        except RecognizerError as error:
            progress(f"Nobody listens to the replies: {error}")
    return Listener(recognizer, folder, emit)
