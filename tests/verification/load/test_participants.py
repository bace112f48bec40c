"""The process of callers, seen from its socket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from voicegate.drive.caller import Caller
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import load_library
from voicegate.judge.registry import Limits
from voicegate.load.messages import CallRequest, to_line
from voicegate.load.participants import Participants

NOBODY = "ws://127.0.0.1:9"  # nobody serves the discard port
SECRET = "a secret of thirty-two characters"
REQUEST = CallRequest("call-1", "load", "run", NOBODY, "key", SECRET, ("code",), (0.0,), 2.0, 2.0)


async def told_during(request: CallRequest, folder: Path, clips: ClipSupply) -> list[dict[str, Any]]:
    """Ask for a call and return all lines that come back."""
    ready, path = asyncio.Event(), folder / "callers.sock"
    serving = asyncio.create_task(Participants(clips, Limits()).serve(path, ready.set))
    await ready.wait()
    try:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(to_line(request))
        async with asyncio.timeout(30):
            lines = (await reader.read()).splitlines()
        writer.close()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    return [json.loads(line) for line in lines]


async def test_a_room_that_cannot_be_joined_is_a_failed_join(tmp_path: Path) -> None:
    """With the step that failed, a line for the statistics, and an end."""
    told = await told_during(REQUEST, tmp_path, ClipSupply(load_library(), 1))
    assert [one.get("step") or one["kind"] for one in told] == [
        "dialed",
        "failed",
        "outcome",
        "hung_up",
        "over",
    ]
    (outcome,) = [one for one in told if one["kind"] == "outcome"]
    assert outcome["name"] == "join"
    assert "could not join the room" in outcome["problem"]
    assert outcome["response_s"] is None
    assert [one["fault"] for one in told if one.get("step") == "failed"] == ["server"]


async def test_a_fault_of_our_own_is_no_call_that_went_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends the call as the caller's own side, is told with its stack, and the code is given back."""

    async def fails(*_: object) -> None:
        raise ValueError("no such microphone")

    monkeypatch.setattr(Caller, "converse", fails)
    monkeypatch.setattr(Caller, "dial", fails)
    clips = ClipSupply(load_library(), 1)
    taken = [told_during(REQUEST, tmp_path, clips) for _ in range(2)]
    for told in [await one for one in taken]:
        assert [one.get("step") or one["kind"] for one in told] == ["failed", "outcome", "hung_up", "over"]
        assert told[0]["detail"] == "ValueError('no such microphone')"
        assert told[0]["fault"] == "caller"
    assert "no such microphone" in caplog.text
    assert clips.foreign(()) == frozenset()
