"""What callers do on a page: open it, take its steps, call, speak a code, hear the reply, hang up."""

import asyncio
import base64
import contextlib
import io
import wave
from dataclasses import dataclass
from pathlib import Path

from voicegate.drive.clips.library import Clip
from voicegate.drive.page.browser import Browser, BrowserError, BrowserGoneError, Tab
from voicegate.drive.page.sound import NoSoundError, keep_sound
from voicegate.expected_reply import ExpectedReply, filled
from voicegate.measure.spoken_words import contains, words
from voicegate.record.call_audio import AudioFiles
from voicegate.record.events import PageCall, PageTest
from voicegate.record.recording import Clock
from voicegate.record.timeline import RATE
from voicegate.settings import PageSection

PROBE = Path(__file__).with_name("probe.js")
_LEAVE_S = 5.0
_GREETING_QUIET_S = 0.8
_LONGEST_GREETING_S = 30.0
_REPLY_QUIET_S = 0.8
_UNWRITTEN_REPLY_QUIET_S = 2.0
"""Where the page writes nothing down, what is heard first may be no reply yet."""
_LONGEST_REPLY_S = 30.0
_HEARD_S = 0.3
"""So much sound is a reply, where the page writes nothing down."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is the same for all calls from one page; times in seconds, `folder` is the recording's. The reply `given` for all clips is expected, if one is."""

    page: PageSection
    url: str
    clock: Clock
    folder: Path
    language: str
    given: ExpectedReply | None
    connect_s: float
    reply_s: float


async def opened(browser: Browser, visit: Visit) -> Tab:
    """Open the page in a tab that has the gate's microphone, and take the steps before the first call."""
    tab = await browser.tab(PROBE.read_text(encoding="utf-8"))
    await tab.open(visit.url, visit.page.ready_timeout_s)
    for step in visit.page.steps:
        await take(tab, step, visit.connect_s)
    return tab


async def take(tab: Tab, step: str, timeout_s: float) -> None:
    """Take one step of the gate file: `click SELECTOR`, `wait SELECTOR` or `type TEXT`. Raises BrowserError."""
    deed, _, what = step.partition(" ")
    if deed == "type":
        await tab.send("Input.insertText", text=what)
        return
    await tab.until(f"document.querySelector({what!r})?.checkVisibility()", f"{what} is shown", timeout_s)
    if deed == "click":
        await tab.click(what)


async def call(tab: Tab, visit: Visit, test: PageTest, number: int, clip: Clip) -> PageCall:
    """Make one call, whatever comes of it; a picture is taken when the reply is there, or is not."""
    began_t = visit.clock()
    seen = _Seen()
    problem = None
    name = f"{test.replace(' ', '-')}-{number}"
    try:
        await tab.evaluate("voicegate.begin()")
        await _record(tab, visit, seen)
        await take(tab, f"click {visit.page.call}", visit.connect_s)
        await tab.until(_connected(visit.page), "the agent is in the call", visit.connect_s)
        seen.connected_s = visit.clock() - began_t
        await _hear_greeting(tab)
        await tab.evaluate("voicegate.begin()")
        await tab.evaluate(f"voicegate.say('{_wav(clip)}')")
        spoken_t = visit.clock()
        await _until_answered(tab, visit, clip)
        seen.answered_s = visit.clock() - spoken_t
        await _hear_out(tab, visit.page)
    except BrowserError as error:
        problem = _in_short(error)
    picture = f"page/{name}.webp"
    await _look(tab, visit, seen, visit.folder / picture)
    await _keep_sound(tab, visit, seen, f"page-{name}")
    left = await _hang_up(tab, visit.page)
    expected = filled(clip.expected_reply if visit.given is None else visit.given, clip.code, clip.text)
    complaints = tuple(tab.complaints)
    tab.complaints.clear()
    return PageCall(
        t=visit.clock(),
        began_t=began_t,
        test=test,
        tab=number,
        said_text=clip.text,
        said_code=clip.code,
        connected_s=seen.connected_s,
        answered_s=seen.answered_s,
        heard_s=seen.heard_s,
        transcript=seen.transcript,
        reply_text=seen.reply_text,
        packets_received=int(seen.numbers.get("received", 0)),
        packets_lost=int(seen.numbers.get("lost", 0)),
        concealed_fraction=seen.numbers.get("concealed", 0.0) / max(1.0, seen.numbers.get("samples", 0.0)),
        jitter_s=seen.numbers.get("jitterS", 0.0),
        left=left,
        problem=problem,
        picture=picture if (visit.folder / picture).exists() else None,
        complaints=complaints,
        expected_text=expected if isinstance(expected, str) else "",
        said_audio=seen.files.said if seen.files else None,
        heard_audio=seen.files.heard if seen.files else None,
        audio_start_t=seen.audio_start_t,
    )


class _Seen:
    """What the page showed until now."""

    def __init__(self) -> None:
        self.connected_s: float | None = None
        self.answered_s: float | None = None
        self.heard_s = 0.0
        self.transcript: str | None = None
        self.reply_text: str | None = None
        self.numbers: dict[str, float] = {}
        self.audio_start_t: float | None = None
        self.files: AudioFiles | None = None


def _connected(page: PageSection) -> str:
    """Say in JavaScript when to speak: the page shows it, or the agent's sound is there."""
    return f"document.querySelector({page.ready!r})?.checkVisibility()" if page.ready else "voicegate.isUp()"


def _texts(selector: str) -> str:
    return f"[...document.querySelectorAll({selector!r})].map((one) => one.innerText).join(' ')"


async def _record(tab: Tab, visit: Visit, seen: _Seen) -> None:
    """Begin to record; a page that cannot be recorded is called all the same."""
    try:
        await tab.evaluate("voicegate.record()")
        seen.audio_start_t = visit.clock()
    except BrowserGoneError:
        raise
    except BrowserError as error:
        tab.complaints.append(f"its sound cannot be recorded: {error}")


async def _hear_greeting(tab: Tab) -> None:
    """Wait until the agent has been quiet for a moment: its greeting is no reply, and may not be spoken over."""
    await tab.evaluate("voicegate.awaitQuiet()")
    with contextlib.suppress(BrowserError):
        quiet = f"voicegate.quietS() >= {_GREETING_QUIET_S}"
        await tab.until(quiet, "the agent is quiet", _LONGEST_GREETING_S)


async def _hear_out(tab: Tab, page: PageSection) -> None:
    """Wait until the reply is over: all of it is to be heard by the gate's recognizer."""
    await tab.evaluate("voicegate.awaitQuiet()")
    quiet_s = _REPLY_QUIET_S if page.replied else _UNWRITTEN_REPLY_QUIET_S
    with contextlib.suppress(BrowserError):
        await tab.until(f"voicegate.quietS() >= {quiet_s}", "the agent is quiet", _LONGEST_REPLY_S)


async def _until_answered(tab: Tab, visit: Visit, clip: Clip) -> None:
    """Wait until something was heard, and the code is in what the page wrote down of the reply, where it writes that."""
    wanted, replied = words(clip.code, visit.language), visit.page.replied
    what = "the reply is heard, and written down with the code" if replied else "the reply is heard"

    def has_code(text: str) -> bool:
        return not replied or contains(words(text, visit.language), wanted)

    expression = f"voicegate.heardS() < {_HEARD_S} ? '' : {_texts(replied) if replied else repr(' ')}"
    await tab.until_text(expression, has_code, what, visit.reply_s)


async def _look(tab: Tab, visit: Visit, seen: _Seen, picture: Path) -> None:
    """Read what the page has, as far as it can be read."""
    try:
        seen.heard_s = float(await tab.evaluate("voicegate.heardS()"))
        seen.numbers = await tab.evaluate("voicegate.statistics()")
        seen.transcript = await _written(tab, visit.page.said)
        seen.reply_text = await _written(tab, visit.page.replied)
        picture.parent.mkdir(exist_ok=True)
        await tab.screenshot(picture)
    except BrowserError as error:
        tab.complaints.append(str(error))


async def _keep_sound(tab: Tab, visit: Visit, seen: _Seen, name: str) -> None:
    """Keep what was said and what came, as far as the page recorded it."""
    if seen.audio_start_t is None:
        return
    try:
        said, heard = await tab.evaluate("voicegate.sounds()")
        seen.files = await asyncio.to_thread(keep_sound, said, heard, seen.audio_start_t, visit.folder, name)
    except (BrowserError, NoSoundError, ValueError) as error:
        tab.complaints.append(f"its sound could not be kept: {error}")


async def _written(tab: Tab, selector: str) -> str | None:
    return str(await tab.evaluate(_texts(selector))) if selector else None


async def _hang_up(tab: Tab, page: PageSection) -> bool:
    """Hang up, and see whether every connection is closed then."""
    try:
        await take(tab, f"click {page.hang_up}", _LEAVE_S)
        await tab.until("voicegate.isDown()", "every connection is closed", _LEAVE_S)
    except BrowserError as error:
        tab.complaints.append(_in_short(error))
        return False
    return True


def _in_short(error: BrowserError) -> str:
    """Say what went wrong without what the page shows, of which there is a picture."""
    return str(error).partition("\n")[0].removesuffix(". The page shows:")


def _wav(clip: Clip) -> str:
    """Write a clip as a WAV file in Base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(clip.samples.astype("<i2").tobytes())
    return base64.b64encode(file.getvalue()).decode()
