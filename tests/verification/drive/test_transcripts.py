"""Collecting the text of a call, with streams made by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from livekit import rtc
from voicegate.drive.transcripts import Transcripts, spoken_part

CALLER, AGENT = "call-01", "agent-7"


@dataclass
class Info:
    """What a stream says about itself."""

    attributes: dict[str, str]
    stream_id: str = "stream"


@dataclass
class Stream:
    """A text stream that gives its chunks and ends, or breaks."""

    info: Info
    chunks: tuple[str, ...]
    breaks: bool = False

    async def __aiter__(self) -> AsyncIterator[str]:
        for chunk in self.chunks:
            await asyncio.sleep(0)
            yield chunk
        if self.breaks:
            raise rtc.StreamError("gone")


@dataclass
class Participant:
    """The caller's own side."""

    track_publications: dict[str, object] = field(default_factory=lambda: {"TR_mine": object()})


@dataclass
class Room:
    """A room that hands streams to whoever registered."""

    local_participant: Participant = field(default_factory=Participant)
    handler: Callable[[Any, str], None] | None = None

    def register_text_stream_handler(self, topic: str, handler: Callable[[Any, str], None]) -> None:
        """Remember the handler."""
        assert topic == "lk.transcription"
        self.handler = handler

    def send(
        self, sender: str, *chunks: str, final: bool, segment: str, track: str = "", breaks: bool = False
    ) -> None:
        """Let a stream come in."""
        assert self.handler is not None
        attributes = {
            "lk.transcription_final": str(final).lower(),
            "lk.segment_id": segment,
            "lk.transcribed_track_id": track,
        }
        self.handler(Stream(Info(attributes), chunks, breaks), sender)


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.t = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.t


@pytest.fixture
def time() -> Time:
    """Set a clock to zero."""
    return Time()


@pytest.fixture
def room() -> Room:
    """Open an empty room."""
    return Room()


@pytest.fixture
def transcripts(room: Room, time: Time) -> Transcripts:
    """Collect the transcripts of the caller in that room."""
    collected = Transcripts(CALLER, time)
    collected.attach(cast("rtc.Room", room))
    return collected


async def settle() -> None:
    """Let every stream be read to its end."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_callers_final_text_counts(room: Room, transcripts: Transcripts) -> None:
    """Guesses before it do not."""
    room.send(CALLER, "my coat", final=False, segment="a")
    room.send(CALLER, "my code is one", final=True, segment="a")
    await settle()

    assert transcripts.caller_said(0, 1) == "my code is one"
    assert transcripts.agent_said(0, 1) is None


async def test_the_agents_text_comes_in_pieces(room: Room, transcripts: Transcripts) -> None:
    """It is one stream that grows; its attribute says final only when it has ended."""
    room.send(AGENT, "Your code ", "is ", "one.", final=False, segment="b")
    await settle()

    assert transcripts.agent_said(0, 1) == "Your code is one."


async def test_only_what_is_spoken_counts(room: Room, time: Time) -> None:
    """Of an agent that marks what it says and what it shows, in one piece or several; a text without marks is said whole."""
    collected = Transcripts(CALLER, time, r"\[VOICE\](.*?)(?:\[/VOICE\]|\[TEXT\]|$)")
    collected.attach(cast("rtc.Room", room))
    room.send(AGENT, "[VOICE] Your code", " is one.\n[TEXT]**1**", final=False, segment="b")
    await settle()
    assert collected.agent_said(0, 1) == "Your code is one."
    assert [text for _, text in collected.agent_growth(0, 1)] == ["Your code", "Your code is one."]


@pytest.mark.parametrize(
    ("pattern", "text", "said"),
    [
        (r"\[V\](.*?)\[/V\]", "[V]one[/V] (1) [V]two[/V] (2)", "one two"),
        (r"\[V\](.*?)\[/V\]", "Hello.", "Hello."),
        (r"^[^*]+", "Hello. *waves*", "Hello."),
        (r"(never)?Hello", "Hello", ""),
        ("", "[V]all[/V]", "[V]all[/V]"),
    ],
)
def test_the_spoken_part_of_a_text(pattern: str, text: str, said: str) -> None:
    """Every match counts: its first group, or all of it."""
    assert spoken_part(text, pattern) == said


async def test_text_about_the_callers_track_is_the_callers(room: Room, transcripts: Transcripts) -> None:
    """Some agents send it in their own name."""
    room.send(AGENT, "hello", final=True, segment="c", track="TR_mine")
    await settle()

    assert transcripts.caller_said(0, 1) == "hello"


async def test_the_track_that_the_agent_speaks_on_is_known(room: Room, transcripts: Transcripts) -> None:
    """Its text names it; that of the caller's is none of others."""
    room.send(AGENT, "Your code", final=False, segment="e", track="TR_voice")
    room.send(AGENT, "my code", final=True, segment="f", track="TR_mine")
    await settle()

    assert transcripts.voices == {"TR_voice"}


async def test_text_belongs_to_the_time_it_came(room: Room, transcripts: Transcripts, time: Time) -> None:
    """A turn gets what came during it, several segments joined."""
    for t, text in ((1.0, "one"), (2.0, "two"), (3.0, "three")):
        time.t = t
        room.send(CALLER, text, final=True, segment=text)
        await settle()

    assert transcripts.caller_said(1.0, 3.0) == "one two"
    assert transcripts.caller_said(3.0, 9.0) == "three"
    assert transcripts.caller_said(9.0, 10.0) is None


async def test_how_the_agents_text_grew_is_known(room: Room, transcripts: Transcripts, time: Time) -> None:
    """Piece by piece, over several segments; the caller's text is not in it."""
    for t, segment in ((1.0, "a"), (2.0, "b")):
        time.t = t
        room.send(AGENT, "One", " moment.", final=False, segment=segment)
        room.send(CALLER, "hello", final=True, segment="c")
        await settle()

    whole = "One moment. One moment."
    grown = [(1.0, "One"), (1.0, "One moment."), (2.0, "One moment. One"), (2.0, whole)]
    assert list(transcripts.agent_growth(0, 3)) == grown
    assert transcripts.agent_said(0, 3) == whole
    assert list(transcripts.agent_growth(0, 2)) == grown[:2]


async def test_a_stream_that_breaks_keeps_what_it_gave(room: Room, transcripts: Transcripts) -> None:
    """Half a reply is half a reply, not none."""
    room.send(AGENT, "Your co", final=False, segment="d", breaks=True)
    await settle()

    assert transcripts.agent_said(0, 1) == "Your co"
