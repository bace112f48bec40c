"""Rooms as LiveKit's server knows them."""

from types import SimpleNamespace
from typing import cast

import pytest
from livekit import api
from livekit.agents import JobContext
from livekit.protocol.models import ParticipantInfo
from voicegate_agent.call_guard import Ending
from voicegate_agent.rooms import is_telephone, leave_room, people_in_room


def kind_name(kind: ParticipantInfo.Kind) -> str:
    """Call the agent agent, and everybody else caller."""
    return "agent" if kind == ParticipantInfo.Kind.AGENT else "caller"


class FakeRooms:
    """LiveKit's room service with one room in it."""

    def __init__(self, *kinds: ParticipantInfo.Kind) -> None:
        self.kinds = kinds
        self.deleted: list[str] = []
        self.dispatched: list[tuple[str, str, str]] = []
        self.error: Exception | None = None

    async def list_participants(self, request: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        """List who is there."""
        if self.error:
            raise self.error
        participants = [ParticipantInfo(identity=kind_name(kind), kind=kind) for kind in self.kinds]
        return api.ListParticipantsResponse(participants=participants)

    async def create_dispatch(self, request: api.CreateAgentDispatchRequest) -> None:
        """Note which agent was asked for, and where."""
        self.dispatched.append((request.room, request.agent_name, request.metadata))

    async def delete_room(self, request: api.DeleteRoomRequest) -> None:
        """Note which room was deleted."""
        self.deleted.append(request.room)


class FakeContext:
    """A job in the room `desk`."""

    def __init__(self, rooms: FakeRooms | None = None) -> None:
        self.api = SimpleNamespace(room=rooms, agent_dispatch=rooms)
        self.job = SimpleNamespace(room=SimpleNamespace(name="desk"), agent_name="help", metadata="de")


def job(context: FakeContext) -> JobContext:
    """Pass the fake off as a job's context."""
    return cast(JobContext, context)


AGENT, PERSON, RECORDER = (
    ParticipantInfo.Kind.AGENT,
    ParticipantInfo.Kind.STANDARD,
    ParticipantInfo.Kind.EGRESS,
)


@pytest.mark.parametrize(
    ("present", "left", "ending", "deleted", "dispatched"),
    [
        ((), {"caller"}, None, ["desk"], []),
        ((AGENT,), {"caller"}, None, ["desk"], []),
        ((RECORDER,), {"caller"}, None, ["desk"], []),
        ((PERSON,), {"caller"}, None, [], [("desk", "help", "de")]),
        ((AGENT, PERSON), {"caller"}, None, [], [("desk", "help", "de")]),
        ((PERSON,), {"somebody else"}, None, [], [("desk", "help", "de")]),
        ((PERSON,), set(), None, [], []),
        ((PERSON,), set(), Ending.SILENT, ["desk"], []),
        ((PERSON,), {"caller"}, Ending.FAILED, ["desk"], []),
        ((PERSON,), set(), Ending.ANOTHER_AGENT, [], []),
        ((PERSON,), set(), Ending.HANDED_OVER, [], []),
    ],
)
async def test_nobody_is_left_alone_with_a_call_that_is_over(
    present: tuple[ParticipantInfo.Kind, ...],
    left: set[str],
    ending: Ending | None,
    deleted: list[str],
    dispatched: list[tuple[str, str, str]],
) -> None:
    """Who is back, or left by another, gets an agent that knows as much of the job; where the agent hung up nobody stays on the line."""
    rooms = FakeRooms(*present)
    await leave_room(job(FakeContext(rooms)), left, ending)
    assert (rooms.deleted, rooms.dispatched) == (deleted, dispatched)


@pytest.mark.parametrize("error", [api.TwirpError("not_found", "gone", status=404), ConnectionResetError()])
async def test_room_that_is_gone_already_is_fine(error: Exception) -> None:
    """The end of a call never fails."""
    rooms = FakeRooms()
    rooms.error = error
    await leave_room(job(FakeContext(rooms)), {"caller"}, None)


@pytest.mark.parametrize(
    ("kinds", "by_telephone"),
    [((), False), ((PERSON,), False), ((AGENT, ParticipantInfo.Kind.SIP), True)],
)
async def test_a_caller_by_telephone_is_known(
    kinds: tuple[ParticipantInfo.Kind, ...], by_telephone: bool
) -> None:
    """LiveKit says so; who is still to come counts as a browser."""
    assert is_telephone(await people_in_room(job(FakeContext(FakeRooms(*kinds))))) == by_telephone


async def test_a_caller_whom_livekit_does_not_know_is_served() -> None:
    """As if he came by a browser."""
    rooms = FakeRooms(ParticipantInfo.Kind.SIP)
    rooms.error = ConnectionResetError()
    assert not is_telephone(await people_in_room(job(FakeContext(rooms))))
