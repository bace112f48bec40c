"""The page and the summary of a profile."""

import io
import re

import pytest
from fakes.pages import Reader
from fakes.profiles import FIRST_JOB_PID, HOST_PID, LEAKING, LOADING, made_capture, profiled_recording
from fakes.recordings import MB
from rich.console import Console
from voicegate.profiling.allocation_profile import Frame, Place, ProcessResult, Profile
from voicegate.profiling.capture import Capture
from voicegate.profiling.heap_over_time import heap_over_time
from voicegate.profiling.report import frame_name, headline, profile_report
from voicegate.profiling.roles import make_profile
from voicegate.report.html import page_of
from voicegate.report.markdown import markdown_of
from voicegate.report.terminal import show
from voicegate.report.timeline import make_heap_timeline

RECORDING = profiled_recording()
HOSTILE = Frame("<script>alert(1)</script>", "/srv/a|b.py", 3)


def captures() -> list[Capture]:
    """Make a model host that grows, and a job."""
    return [
        made_capture(
            "model-host",
            HOST_PID,
            lambda t: 50 * MB + t * MB,
            at_peak=(Place((LOADING, LEAKING), 40 * MB, 3), Place((HOSTILE,), 1000, 1), Place((), 900, 1)),
            grown=(Place((LEAKING, LOADING), 24 * MB, 12),),
        ),
        made_capture("job", FIRST_JOB_PID, lambda _: 30 * MB, begin_t=5, end_t=20, whole=False),
    ]


def profile() -> Profile:
    """Profile them, with a file that cannot be read."""
    found = make_profile(
        RECORDING, [*captures(), ProcessResult(file="job-9.bin", pid=9, problem="not a <capture>")]
    )
    graphs = {"at the peak": "flame-graphs/model-host-peak.html"}
    return found.model_copy(
        update={"roles": (found.roles[0].model_copy(update={"flame_graphs": graphs}), found.roles[1])}
    )


def page() -> str:
    """Render the page."""
    timeline = make_heap_timeline(RECORDING, heap_over_time(RECORDING, captures()))
    return page_of(profile_report(profile(), timeline))


def test_the_page_is_whole_and_fetches_nothing() -> None:
    """Its links are files beside it, it has no scripts, and what came from a program is text."""
    reader = Reader()
    reader.feed(page())
    assert reader.open == []
    assert "script" not in reader.tags
    assert not [link for link in reader.links if re.match(r"\w+:|/", link)]
    assert "flame-graphs/model-host-peak.html" in reader.links
    assert reader.tags.count("svg") == 2


def test_the_page_says_that_it_is_no_verdict() -> None:
    """Whoever finds a latency of two seconds in it should not be alarmed."""
    assert "No verdict:" in page()


def test_the_page_names_places_and_problems() -> None:
    """The line, the way to it, threads without Python code, and what is wrong with captures."""
    text = re.sub(r"<[^>]+>", "", page())
    assert "remember agent/speech/local_stt.py:42" in text
    assert "← load faster_whisper/transcribe.py:689" in text
    assert "a thread without Python code" in text
    assert "job-9.bin: not a &lt;capture&gt;" in text
    assert f"job-{FIRST_JOB_PID}.bin: its process did not end it" in text


def test_without_a_timeline_the_page_does_without() -> None:
    """A run whose recording tells no time still has its places."""
    shown = page_of(profile_report(profile(), None))
    assert "Allocated memory" not in shown
    assert "remember" in shown


def test_the_headline_has_a_number_of_each_role() -> None:
    """Growth where there is one, else the peak."""
    said = headline(profile())
    assert re.fullmatch(
        r"model-host grows by [\d.]+ MB per call, a job process holds 30\.0 MB at its peak", said
    )


def test_the_summary_is_markdown_that_holds() -> None:
    """A row for each role, and no cell that a name from a program can break."""
    lines = markdown_of(profile_report(profile(), None)).splitlines()
    rows = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert [row.split("|")[1].strip() for row in rows[:4]] == ["role", "---", "model-host", "job"]
    assert len({row.count("|") for row in rows[:4]}) == 1
    assert len({row.count("|") for row in rows[4:]}) == 1
    assert "| 8.0 MB | remember agent/speech/local\\_stt.py:42 |" in lines
    assert any(line.startswith("- job-9.bin: not a \\<capture\\>") for line in lines)


def test_the_terminal_has_roles_places_and_problems() -> None:
    """The headline comes last, as that is where the eye ends."""
    screen = io.StringIO()
    show(Console(file=screen, width=120), profile_report(profile(), None))
    lines = screen.getvalue().splitlines()
    assert any(line.split()[:4] == ["model-host", "1", "of", "1"] for line in lines)
    assert any(line.startswith("model-host: added by each further call") for line in lines)
    assert any(line.split()[:3] == ["8.0", "MB", "remember"] for line in lines)
    assert "  job-9.bin: not a <capture>" in lines
    assert lines[-1].startswith("PROFILE, no verdict: model-host grows by")


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (Frame(function="f", file="/x/lib/python3.11/site-packages/a/b.py", line=2), "f a/b.py:2"),
        (Frame(function="f", file="/usr/lib/python3.12/asyncio/events.py", line=2), "f asyncio/events.py:2"),
        (Frame(function="f", file="/home/me/src/agent/call.py", line=2), "f src/agent/call.py:2"),
        (Frame(function="f", file="<frozen importlib._bootstrap>", line=2), "f <frozen importlib._bootstrap>:2"),
        (Frame(function="operator new(unsigned long)", file="<unknown>", line=0), "operator new(unsigned long)"),
    ],
)  # fmt: skip
def test_a_line_is_named_as_people_look_for_it(frame: Frame, name: str) -> None:
    """Without the part of its path that all have in common."""
    assert frame_name(frame) == name


def test_native_names_are_cut() -> None:
    """C++ writes names that fill a screen."""
    frame = Frame(function="std::vector< " * 40, file="<unknown>", line=0)
    assert len(frame_name(frame)) <= 90
