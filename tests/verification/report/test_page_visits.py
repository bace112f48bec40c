"""Calls from the web page in the report: with pictures and sound inside it, within bounds."""

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.pages import Reader
from fakes.recordings import Run
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Recording
from voicegate.record.wav import write_wav
from voicegate.report.html import page_of
from voicegate.report.page_visits import MOST_PICTURE_BYTES, MOST_SOUND_BYTES, page_visits, pictures_within
from voicegate.report.sounds import MOST_BYTES
from voicegate.report.verdict import make_verdict
from voicegate.report.verdict_report import verdict_report

GOOD = Run().recording()
HOSTILE = '<script>alert("x")</script>'
PNG, WEBP = b"\x89PNG\r\n\x1a\n" + bytes(90), b"RIFF\x00\x00\x00\x00WEBP" + bytes(90)


def with_sound(folder: Path, recording: Recording = GOOD) -> Recording:
    """Write a picture and the sound of each call from the page, and name them."""
    (folder / "page").mkdir()
    (folder / "audio").mkdir()
    calls = []
    for number, call in enumerate(recording.page_calls):
        files = [f"audio/page-{number}-{side}.wav" for side in ("said", "heard")]
        for path in files:
            write_wav(folder / path, np.zeros(8000, np.int16), 16_000)
        (folder / str(call.picture)).write_bytes(WEBP)
        calls.append(replace(call, said_audio=files[0], heard_audio=files[1]))
    return replace(recording, page_calls=tuple(calls))


def page(recording: Recording, folder: Path | None, file: str = "recording.jsonl") -> str:
    """Judge a recording and write its page."""
    findings = [criterion(recording, Rules()) for criterion in CRITERIA]
    return page_of(verdict_report(make_verdict(recording, findings, file), recording, Rules(), folder))


def test_pictures_and_sound_are_inside_the_page(tmp_path: Path) -> None:
    """The page needs nothing but itself; the files are linked where the recording is."""
    reader = Reader()
    reader.feed(shown := page(with_sound(tmp_path), tmp_path, "../earlier/recording.jsonl"))
    assert reader.open == []
    assert sum(link.startswith("data:image/webp;base64,") for link in reader.links) == 5
    assert sum(link.startswith("data:audio/ogg;base64,") for link in reader.links) == 5
    places = [shown.index(f"../earlier/{call.picture}") for call in GOOD.page_calls]
    assert places == sorted(places)


def test_calls_come_test_by_test_and_say_what_was_wrong() -> None:
    """What a page writes down and complains of stays text."""
    first, *others = GOOD.page_calls
    hostile = replace(
        first, reply_text=HOSTILE, heard_text=HOSTILE, complaints=(HOSTILE,), problem=HOSTILE, left=False
    )
    recording = replace(GOOD, page_calls=(*reversed(others), hostile))
    visits = page_visits(recording, None)
    assert [one.call.t for one in visits] == [call.t for call in GOOD.page_calls]
    assert visits[0].wrong == (
        "no reply with the code that was said came in time",
        "the page did not play the reply, or it could not be understood",
        "did not end when it was hung up",
    )
    assert not any(one.wrong for one in visits[1:])
    assert "<script" not in page(recording, None)


@pytest.mark.parametrize(
    ("path", "content"),
    [("page/a.png", b"<svg onload=x>"), ("page/none.png", None), ("../a.png", PNG), ("page/a.png", b"")],
)
def test_what_is_no_picture_beside_the_recording_is_left_out(
    tmp_path: Path, path: str, content: bytes | None
) -> None:
    """A recording may come from anybody."""
    folder = tmp_path / "run"
    (folder / "page").mkdir(parents=True)
    if content is not None:
        (folder / path).write_bytes(content)
    assert pictures_within(folder, [path]) == {}


def test_pictures_come_while_they_fit(tmp_path: Path) -> None:
    """One that does not keeps no smaller one out."""
    for name, content in (("a.png", PNG), ("b.png", PNG + bytes(200)), ("c.webp", WEBP)):
        (tmp_path / name).write_bytes(content)
    found = pictures_within(tmp_path, ["a.png", "b.png", "c.webp"], len(PNG) + len(WEBP))
    assert list(found) == ["a.png", "c.webp"]
    kind, _, text = found["a.png"].partition(",")
    assert (kind, base64.b64decode(text)) == ("data:image/png;base64", PNG)


def test_a_report_stays_within_its_size(tmp_path: Path) -> None:
    """500 kB without sound, 5 MB with all that a page takes."""
    recording = with_sound(tmp_path)
    each = MOST_PICTURE_BYTES // len(recording.page_calls)
    for call in recording.page_calls:
        (tmp_path / str(call.picture)).write_bytes(WEBP.ljust(each, b"\0"))
    shown = page(recording, tmp_path)
    assert shown.count("data:image/webp") == len(recording.page_calls)
    assert MOST_PICTURE_BYTES < len(shown.encode()) < 500_000
    assert 500_000 + (MOST_BYTES + MOST_SOUND_BYTES) * 4 / 3 < 5_000_000
