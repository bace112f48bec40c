"""Calls from a web page."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Page:
    """From here on calls are made from a web page.

    `skipped` says why none are, because the gate file has no page or the machine no browser; `problem` what went wrong with the browser itself.
    """

    t: float
    url: str
    browser: str | None = None  # its name and version
    skipped: str | None = None
    problem: str | None = None
    kind: Literal["page"] = "page"


PageTest = Literal["one tab", "again", "three tabs"]
"""One tab calls, speaks, hears and hangs up; the same tab calls again; three tabs do so at once."""


@dataclass(frozen=True, slots=True)
class PageCall:
    """A call from a web page, as the page saw it; written when it is over, `began_t` is when the page was opened or called again.

    `connected_s` is the time until the agent was there, from then on `answered_s` until the reply to what was said was there, both None
    for never. `heard_s` are the seconds of sound above -50 dBFS that came and were played. `said_text` and `reply_text` is what the
    page wrote down, None where the gate file does not say where. `left` says whether hanging up closed every connection.

    The two WAV files begin at `audio_start_t`: what was said, and what came. `heard_text` is what the gate's own recognizer made of what came
    since the caller began to speak, None when it did not run or could not; not `fits_ears` means that the reply has words that it cannot
    write, or may have them. `expected_text` is the reply that was expected, empty where none is given word by word.

    A call is written when it is over and again when its audio was recognised; the reader keeps the last.
    """

    t: float
    began_t: float
    test: PageTest
    tab: int
    said_text: str
    said_code: str | None
    connected_s: float | None
    answered_s: float | None
    heard_s: float
    transcript: str | None
    reply_text: str | None
    packets_received: int
    packets_lost: int
    concealed_fraction: float  # of the samples that were played
    jitter_s: float
    left: bool
    problem: str | None = None  # what the page did not do, or the browser
    picture: str | None = None  # path relative to the recording, WebP or PNG
    complaints: tuple[str, ...] = ()  # errors of the page itself
    expected_text: str = ""
    said_audio: str | None = None  # WAV path relative to the recording
    heard_audio: str | None = None
    audio_start_t: float | None = None
    heard_text: str | None = None
    fits_ears: bool = True
    kind: Literal["page-call"] = "page-call"

    @property
    def spoken_text(self) -> str:
        """What is to be heard: what the page wrote down of the reply, else the expected one."""
        return self.reply_text or self.expected_text
