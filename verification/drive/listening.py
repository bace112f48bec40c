"""The gate's ear in a run: what the replies of recorded turns say, written down while nobody calls."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verification.record.events import Event, Turn
from verification.record.recognizer import (
    Recognizer,
    RecognizerError,
    WhisperRecognizer,
    heard,
    turns_with_reply,
)
from verification.settings import RecognizerSection

_REPLIES_PER_NOTE = 10

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """Listens to turns one by one; `folder` is the recording's. Without a recognizer they stay unheard."""

    recognizer: Recognizer | None
    folder: Path
    emit: Callable[[Event], None]

    async def listen(self, turn: Turn) -> Turn:
        """Record the turn again with what was heard, and return it."""
        if self.recognizer is None or not turns_with_reply([turn]):
            return turn
        turn = await asyncio.to_thread(heard, turn, self.folder, self.recognizer)
        self.emit(turn)
        return turn

    async def listen_to_all(self, turns: Sequence[Turn], progress: Progress) -> None:
        """Listen to all that nobody has listened to yet."""
        waiting = [turn for turn in turns_with_reply(turns) if turn.heard_text is None]
        if self.recognizer is None:
            return
        for number, turn in enumerate(waiting):
            if number % _REPLIES_PER_NOTE == 0:
                progress(f"Listening to the replies: {number} of {len(waiting)}")
            await self.listen(turn)


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
