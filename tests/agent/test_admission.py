"""Calls are counted, and a caller who is refused can see it."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import api
from livekit.agents import JobRequest
from voicegate_agent.admission import FULL_LOAD, REFUSED, Admission, Refusal, reported_load, with_notice
from voicegate_agent.model_host.batching import LONGEST_WAIT_S, Lane
from voicegate_agent.settings import AgentSettings

LIVEKIT_TARGET_LOAD = 0.7


class FakeRequest:
    """A job request that notes its answer; `launch` decides how long starting the call takes."""

    def __init__(self, room: str = "desk", metadata: str = "") -> None:
        self.room = SimpleNamespace(name=room, metadata=metadata)
        self.answer: str | None = None
        self.launch = asyncio.Event()
        self.launch.set()

    async def accept(self, *, attributes: dict[str, str]) -> None:
        """Take the call."""
        self.answer = "accepted"
        await self.launch.wait()

    async def reject(self, *, terminate: bool = True) -> None:
        """Refuse the call."""
        self.answer = "ended" if terminate else "passed on"


class FakeNotices:
    """Rooms that remember what they were told."""

    def __init__(self) -> None:
        self.with_agent: set[str] = set()
        self.told: dict[str, str] = {}
        self.error: Exception | None = None

    async def has_agent(self, room: str) -> bool:
        """Whether another agent has come."""
        if self.error:
            raise self.error
        return room in self.with_agent

    async def tell(self, room: str, reason: str) -> None:
        """Remember the refusal."""
        self.told[room] = reason

    async def withdraw(self, room: str) -> None:
        """Forget it."""
        self.told.pop(room, None)


class AdmissionDesk:
    """An admission of some capacity with fakes around it."""

    def __init__(self, capacity: int, active: int = 0) -> None:
        self.active = active
        self.notices = FakeNotices()
        self.slept_s: list[float] = []
        self.has_speech = True
        self.turn_wait_s = 0.0
        self.admission = Admission(
            capacity,
            lambda: self.active,
            self.notices,
            self._sleep,
            lambda: self.has_speech,
            lambda: self.turn_wait_s,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)

    async def answer(self, request: FakeRequest) -> str | None:
        """Have a request answered."""
        await self.admission.answer(cast(JobRequest, request))
        return request.answer


def test_load_never_reaches_what_livekit_takes_for_full() -> None:
    """LiveKit's server stops offering jobs at its target load, so the last call must still be below it."""
    assert reported_load(0, 20) == 0
    assert reported_load(10, 20) == pytest.approx(FULL_LOAD / 2)
    assert reported_load(25, 20) == FULL_LOAD < LIVEKIT_TARGET_LOAD


@pytest.mark.parametrize(
    ("active", "answer"), [(0, "accepted"), (19, "accepted"), (20, "passed on"), (21, "passed on")]
)
async def test_capacity_decides(active: int, answer: str) -> None:
    """Twenty calls are taken, the next is passed on to other agent servers."""
    assert await AdmissionDesk(20, active).answer(FakeRequest()) == answer


async def test_a_call_without_speech_is_passed_on() -> None:
    """Another server may have a model host that works; the caller's side is told why, if there is none."""
    desk = AdmissionDesk(20)
    desk.has_speech = False
    assert await desk.answer(FakeRequest("desk")) == "passed on"
    assert desk.notices.told == {"desk": Refusal.NO_SPEECH}


@pytest.mark.parametrize(("wait_s", "answer"), [(25.0, "accepted"), (25.1, "passed on")])
async def test_while_turns_wait_too_long_no_call_is_taken(wait_s: float, answer: str) -> None:
    """Those who talk already go on; the caller's side is told why."""
    desk = AdmissionDesk(20, active=3)
    desk.admission.refuse_after_wait_s = 25
    desk.turn_wait_s = wait_s
    assert await desk.answer(FakeRequest("desk")) == answer
    assert desk.notices.told == ({"desk": Refusal.BUSY} if answer == "passed on" else {})
    assert desk.admission.refused[Refusal.BUSY] == (answer == "passed on")


def test_turns_wait_for_longer_than_two_cores_need_for_the_gates_crowd() -> None:
    """A host refuses turns that would wait for 20 s: calls are refused later than that, or a crowd would fail itself."""
    assert AgentSettings().refuse_after_wait_s > LONGEST_WAIT_S[Lane.TURN]


async def test_calls_that_are_still_starting_count() -> None:
    """Of a burst of three at once, a desk for two takes two."""
    desk = AdmissionDesk(2)
    requests = [FakeRequest(f"room-{number}") for number in range(3)]
    for request in requests:
        request.launch.clear()
    answers = [asyncio.create_task(desk.answer(request)) for request in requests]
    await answers[2]
    assert [request.answer for request in requests] == ["accepted", "accepted", "passed on"]
    assert desk.admission.load() == FULL_LOAD
    for request in requests:
        request.launch.set()
    await asyncio.gather(*answers)
    assert desk.admission.calls == 0


async def test_failed_start_frees_its_place() -> None:
    """A call that could not be started does not count forever."""
    desk = AdmissionDesk(1)

    class Failing(FakeRequest):
        async def accept(self, *, attributes: dict[str, str]) -> None:
            raise RuntimeError("no process")

    with pytest.raises(RuntimeError):
        await desk.answer(Failing())
    assert desk.admission.calls == 0


async def test_refused_caller_is_told_why() -> None:
    """After other agent servers had their chance the room says what happened."""
    desk = AdmissionDesk(20, active=20)
    await desk.answer(FakeRequest("desk"))
    assert desk.notices.told == {"desk": Refusal.AT_CAPACITY}
    assert desk.slept_s == [2.0]


async def test_caller_taken_by_another_server_is_not_told() -> None:
    """A refusal that another agent server made good is none."""
    desk = AdmissionDesk(20, active=20)
    desk.notices.with_agent.add("desk")
    await desk.answer(FakeRequest("desk"))
    assert desk.notices.told == {}


async def test_notice_is_withdrawn_when_the_room_gets_its_agent() -> None:
    """Whoever asks again and is taken no longer reads that there was no room."""
    desk = AdmissionDesk(20)
    desk.notices.told["desk"] = "at capacity"
    await desk.answer(FakeRequest("desk", metadata=json.dumps({REFUSED: "at capacity"})))
    assert desk.notices.told == {}


@pytest.mark.parametrize("error", [api.TwirpError("not_found", "gone", status=404), ConnectionRefusedError()])
async def test_room_that_cannot_be_told_is_no_failure(error: Exception) -> None:
    """The caller may have hung up meanwhile."""
    desk = AdmissionDesk(1, active=1)
    desk.notices.error = error
    assert await desk.answer(FakeRequest()) == "passed on"


@pytest.mark.parametrize(
    ("metadata", "reason", "expected"),
    [
        ("", "full", {REFUSED: "full"}),
        ('{"app": 1}', "full", {"app": 1, REFUSED: "full"}),
        ('{"app": 1, "voicegate.refused": "full"}', None, {"app": 1}),
    ],
)
def test_notice_shares_the_metadata_with_the_application(
    metadata: str, reason: str | None, expected: dict[str, Any]
) -> None:
    """What the application keeps there stays there."""
    marked = with_notice(metadata, reason)
    assert marked is not None
    assert json.loads(marked) == expected


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("plain text", "full"),
        ("[1]", "full"),
        ('{"voicegate.refused": "full"}', "full"),
        ('{"app": 1}', None),
    ],
)
def test_metadata_that_is_not_ours_or_needs_no_change_is_left_alone(
    metadata: str, reason: str | None
) -> None:
    """Metadata of another shape belongs to the application."""
    assert with_notice(metadata, reason) is None


def test_withdrawn_notice_leaves_nothing_behind() -> None:
    """Metadata that held only the notice is empty again."""
    assert with_notice('{"voicegate.refused": "full"}', None) == ""
