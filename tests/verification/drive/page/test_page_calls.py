"""The three tests of a page in a real browser: on pages that give each caller an echo, and on broken ones."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import load_library
from voicegate.drive.listening import Listener
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.page.calls import call_from_page
from voicegate.drive.page.program import find_browser
from voicegate.drive.recorded_run import Run
from voicegate.drive.recorder import Recorder
from voicegate.judge import page
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Rules
from voicegate.record.ears import MICRO_MODEL
from voicegate.record.events import End, Header, Phase, Recording
from voicegate.record.recognizer import WhisperRecognizer
from voicegate.record.recording import RecordingWriter, read_recording, start_clock
from voicegate.record.timeline import RATE
from voicegate.record.wav import read_wav
from voicegate.settings import GateSettings, PageSection

BROWSER = pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on PATH")
NOWHERE = LiveKitServer("ws://127.0.0.1:9", "key", "secret")

ECHO = """<!doctype html><title>Echo</title>
<dialog open id="terms"><button id="accept">Accept</button></dialog>
<button id="call">Call</button> <button id="hang-up">Hang up</button>
<script>
let ends = [], calls = 0;
function mumbled(said) {
  const sounds = new AudioContext(), end = sounds.createMediaStreamDestination();
  const low = [1, 2, 3].map(() => new BiquadFilterNode(sounds, { type: "lowpass", frequency: 150 }));
  [sounds.createMediaStreamSource(said), ...low, end].reduce((from, to) => from.connect(to));
  return end.stream;
}
document.getElementById("accept").onclick = () => document.getElementById("terms").close();
document.getElementById("call").onclick = async () => {
  if (document.getElementById("terms").open || (CALLS_ONCE && calls++)) return;
  const said = await navigator.mediaDevices.getUserMedia({ audio: true });
  const [mine, theirs] = (ends = [new RTCPeerConnection(), new RTCPeerConnection()]);
  mine.onicecandidate = ({ candidate }) => theirs.addIceCandidate(candidate);
  theirs.onicecandidate = ({ candidate }) => mine.addIceCandidate(candidate);
  theirs.ontrack = ({ streams }) => {
    const player = new Audio();
    player.srcObject = streams[0];
    if (!SILENT) player.play();
  };
  mine.addTrack((MUMBLES ? mumbled(said) : said).getTracks()[0], said);
  await mine.setLocalDescription(await mine.createOffer());
  await theirs.setRemoteDescription(mine.localDescription);
  await theirs.setLocalDescription(await theirs.createAnswer());
  await mine.setRemoteDescription(theirs.localDescription);
};
document.getElementById("hang-up").onclick = () => STAYS || ends.forEach((end) => end.close());
</script>"""


def echo(
    *, silent: bool = False, calls_once: bool = False, stays: bool = False, mumbles: bool = False
) -> str:
    """Write a page in which every caller hears himself, or one that is broken."""
    faults = {"SILENT": silent, "CALLS_ONCE": calls_once, "STAYS": stays, "MUMBLES": mumbles}
    text = ECHO
    for name, value in faults.items():
        text = text.replace(name, str(value).lower())
    return text


@asynccontextmanager
async def served(text: str, status: int = 200) -> AsyncIterator[str]:
    """Serve one page on any free port."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def settings(section: PageSection | None) -> GateSettings:
    """Make settings with this page, whose callers are impatient."""
    made = GateSettings(path=Path("gate.toml"), page=section)
    quick = made.scenario.model_copy(update={"join_timeout_s": 4.0, "reply_timeout_s": 4.0})
    return made.model_copy(update={"scenario": quick})


async def played(section: PageSection | None, folder: Path) -> tuple[Recording, Finding]:
    """Make the calls, and judge the recording."""
    path = folder / "recording.jsonl"
    with RecordingWriter(path) as writer:
        made = settings(section)
        recorder = Recorder(writer, start_clock(), made.log)
        recorder.emit(Header("2026-11-27T20:00:00Z", "micro", "process", (), None, {}))
        run = Run(made, recorder, None, folder, lambda _: None)

        async def rest(name: str) -> None:
            recorder.emit(Phase(recorder.clock(), name, "begin", 0))

        await call_from_page(run, NOWHERE, ClipSupply(load_library()), rest)
        listener = Listener(WhisperRecognizer(MICRO_MODEL), folder, recorder.emit)
        await listener.listen_to_page(read_recording(path).page_calls, made.limits)
        recorder.emit(End(recorder.clock(), "complete"))
    recording = read_recording(path)
    return recording, page.judge(recording, Rules())


def section(url: str, **more: Any) -> PageSection:
    """Describe the page as a gate file does."""
    described = {"url": url, "call": "#call", "hang_up": "#hang-up", "steps": ["click #accept"]}
    return PageSection.model_validate(described | more)


@BROWSER
@pytest.mark.slow
@pytest.mark.end_to_end
@pytest.mark.from_elsewhere
async def test_a_good_page_passes(tmp_path: Path) -> None:
    """Five calls, each with its picture, statistics, and the code in its sound, as this page writes nothing down; nothing is left of the browser."""
    async with served(echo()) as url:
        recording, finding = await played(section(url), tmp_path)
    lost = (
        finding.status is Status.ERROR and "was lost or late" in finding.reason
    )  # on a machine that is too busy
    assert finding.status is Status.PASS or lost, finding.long()
    assert [(call.test, call.tab) for call in sorted(recording.page_calls, key=lambda one: (one.began_t, one.tab))] == [
        ("one tab", 1), ("again", 1), ("three tabs", 1), ("three tabs", 2), ("three tabs", 3)
    ]  # fmt: skip
    assert len({call.said_code for call in recording.page_calls}) == 5
    assert [phase.name for phase in recording.phases] == ["before-tabs", "after-page"]
    alone, together = recording.page_calls[:2], recording.page_calls[2:]
    assert max(call.t for call in alone) < recording.phases[0].t < min(call.began_t for call in together)
    assert recording.phases[1].t > max(call.t for call in together)
    for call in recording.page_calls:
        assert call.picture is not None
        assert (tmp_path / call.picture).stat().st_size > 1000
        assert call.packets_received > 20
        said, heard = (len(read_wav(tmp_path / str(path))[0]) for path in (call.said_audio, call.heard_audio))
        assert said == pytest.approx(heard, abs=RATE / 2), "both sides are recorded from begin to end"
        assert call.heard_text, "the gate's recognizer heard it"


@BROWSER
@pytest.mark.slow
@pytest.mark.end_to_end
@pytest.mark.from_elsewhere
@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ({"silent": True, "calls_once": True}, (page.HEARD, page.CONNECTED)),
        ({"stays": True, "mumbles": True}, (page.LEFT, page.HEARD, page.ANSWERED)),
    ],
)
async def test_a_broken_page_fails(tmp_path: Path, fault: dict[str, bool], what: Sequence[str]) -> None:
    """One that plays no sound and calls once only; one that stays when it hangs up, and whose sound cannot be understood."""
    async with served(echo(**fault)) as url:
        recording, _ = await played(section(url), tmp_path)
    quiet = tuple(replace(call, concealed_fraction=0.0) for call in recording.page_calls)
    finding = page.judge(replace(recording, page_calls=quiet), Rules())  # however busy the machine is
    assert finding.status is Status.FAIL
    assert all(call.heard_s == 0 for call in quiet if call.connected_s is None), "nothing of an earlier call"
    assert not any("The page shows" in (call.problem or "") for call in quiet)
    assert all(one in finding.reason for one in what), finding.long()


@BROWSER
@pytest.mark.from_elsewhere
async def test_a_page_whose_command_fails_fails_with_its_last_words(tmp_path: Path) -> None:
    """The page is what is tested."""
    broken = section(
        "http://127.0.0.1:{port}/", command=["{python}", "-c", "raise SystemExit('no such page')"]
    )
    recording, finding = await played(broken, tmp_path)
    assert finding.status is Status.FAIL
    assert recording.page_calls[0].problem == "the page's command ended with exit code 1:\nno such page"


@BROWSER
async def test_a_page_that_answers_with_errors_fails_and_says_with_which(tmp_path: Path) -> None:
    """As one that cannot be compiled."""
    async with served("", status=500) as url:
        recording, finding = await played(section(url, ready_timeout_s=0.5), tmp_path)
    assert finding.status is Status.FAIL
    assert recording.page_calls[0].problem == (
        f"the page at {url} did not answer within page.ready_timeout_s = 0.5 s: HTTP status 500"
    )


async def test_without_a_page_it_is_not_run(tmp_path: Path) -> None:
    """A gate file without [page] asks for nothing."""
    _, finding = await played(None, tmp_path)
    assert (finding.status, finding.reason) == (Status.NOT_RUN, "the gate file has no [page]")


async def test_without_a_browser_it_is_not_run_and_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many servers have none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    _, finding = await played(section("http://127.0.0.1:9/"), tmp_path)
    assert finding.status is Status.NOT_RUN
    assert "apt install chromium" in finding.reason


@pytest.mark.parametrize("step", ["push #call", "click", "type "])
def test_a_step_that_is_none_is_refused(step: str) -> None:
    """The three that there are stand in the message."""
    with pytest.raises(ValueError, match='expected "click SELECTOR", "wait SELECTOR" or "type TEXT"'):
        section("http://127.0.0.1:9/", steps=[step])
