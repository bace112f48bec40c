"""What LiveKit's transcription streams say in a call: what the agent understood, and what it answered."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from livekit import rtc

from voicegate.record.recording import Clock

TOPIC = "lk.transcription"
_FINAL = "lk.transcription_final"
_SEGMENT = "lk.segment_id"
_TRACK = "lk.transcribed_track_id"


@dataclass(slots=True)
class Segment:
    """One stretch of text, in pieces as they came; `final` is False for a guess that a later one replaces."""

    t: float
    by_caller: bool
    final: bool
    pieces: list[tuple[float, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says so far."""
        return "".join(piece for _, piece in self.pieces).strip()


def spoken_part(text: str, pattern: str) -> str:
    """Leave of what an agent wrote what it says: the pattern's first group, or all that it matches; all of a text that it does not match."""
    found = list(re.finditer(pattern, text, re.DOTALL)) if pattern else []
    parts = (one[min(1, one.re.groups)] or "" for one in found)
    return " ".join(part.strip() for part in parts) if found else text


class Transcripts:
    """Collects the segments of one call, both sides; `voices` are the tracks on which others speak what they write.

    Of what the agent writes, `spoken` matches the part that it says; an empty one says that it is all.
    """

    def __init__(self, caller: str, clock: Clock, spoken: str = "") -> None:
        self._caller = caller
        self._clock = clock
        self._spoken = spoken
        self._segments: dict[str, Segment] = {}
        self._readers: set[asyncio.Task[None]] = set()
        self.voices: set[str] = set()

    def attach(self, room: rtc.Room) -> None:
        """Receive the streams of this room."""
        room.register_text_stream_handler(TOPIC, lambda reader, sender: self._receive(room, reader, sender))

    def caller_said(self, from_t: float, to_t: float) -> str | None:
        """Return what the agent understood between these times; None when nothing came."""
        return self._between(from_t, to_t, by_caller=True)

    def agent_said(self, from_t: float, to_t: float) -> str | None:
        """Return of what the agent wrote between these times what it says; None when nothing came."""
        text = self._between(from_t, to_t, by_caller=False)
        return None if text is None else spoken_part(text, self._spoken)

    def agent_growth(self, from_t: float, to_t: float) -> Iterator[tuple[float, str]]:
        """Give what the agent had written as each piece came, with the time at which it did."""
        before = ""
        for segment in self._segments_between(from_t, to_t, by_caller=False):
            text = ""
            for t, piece in segment.pieces:
                text += piece
                yield t, f"{before} {spoken_part(text.strip(), self._spoken)}".strip()
            before = f"{before} {spoken_part(segment.text, self._spoken)}".strip()

    async def close(self) -> None:
        """Let streams that are still open end or go."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _between(self, from_t: float, to_t: float, *, by_caller: bool) -> str | None:
        texts = [segment.text for segment in self._segments_between(from_t, to_t, by_caller=by_caller)]
        return " ".join(texts) if texts else None

    def _segments_between(self, from_t: float, to_t: float, *, by_caller: bool) -> list[Segment]:
        return [
            segment
            for segment in self._segments.values()
            if segment.by_caller == by_caller and segment.final and from_t <= segment.t < to_t
        ]

    def _receive(self, room: rtc.Room, reader: rtc.TextStreamReader, sender: str) -> None:
        task = asyncio.create_task(self._read(room, reader, sender), name="transcript")
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, room: rtc.Room, reader: rtc.TextStreamReader, sender: str) -> None:
        t = self._clock()
        attributes = reader.info.attributes or {}
        own_tracks = room.local_participant.track_publications
        by_caller = sender == self._caller or attributes.get(_TRACK) in own_tracks
        if not by_caller and (track := attributes.get(_TRACK)):
            self.voices.add(track)
        # The agent's text comes as one growing stream; the caller's as one stream per guess, the last of them final.
        segment = Segment(t, by_caller, not by_caller or attributes.get(_FINAL) == "true")
        with contextlib.suppress(rtc.StreamError):
            async for chunk in reader:
                segment.pieces.append((self._clock(), chunk))
                if segment.final:
                    self._segments[f"{by_caller} {attributes.get(_SEGMENT, reader.info.stream_id)}"] = segment
