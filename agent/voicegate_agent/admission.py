"""Which calls are taken: as many as the capacity says, whatever else the machine is doing, if they can have speech.

LiveKit asks agent servers about every new call; the stock answer depends on CPU load and counts calls that are
just being accepted in a way that refuses most of a burst. Here calls are counted.

A caller cannot see a plain refusal: the room just stays empty. So the room is told, in its metadata (which also
reaches those who join later) and as a data message of topic ``voicegate.refused``. Whoever runs the caller's side
may then dispatch again into the same room (``AgentDispatchService.CreateDispatch``); an accepted call takes the
notice away. Metadata that is not a JSON object belongs to the application and is left alone.
"""

import asyncio
import collections
import json
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import aiohttp
from livekit import api
from livekit.agents import JobRequest
from livekit.protocol.models import DataPacket, ParticipantInfo

from voicegate_agent.callers import AGENT_ATTRIBUTE

REFUSED = "voicegate.refused"

FULL_LOAD = 0.69
"""Load reported with every call taken. LiveKit's server offers no job to an agent server whose load reaches its
`agents.target_load` (0.7 unless configured), so anything higher would make the last 30 % of the capacity
unreachable and refusals invisible; load below it still steers calls to the emptier of several agent servers."""

_OTHER_SERVER_S = 2.0

_log = logging.getLogger(__name__)


def reported_load(calls: int, capacity: int) -> float:
    """Turn the number of calls into the load LiveKit is told: 0 to FULL_LOAD."""
    return FULL_LOAD * min(calls / capacity, 1.0)


class Refusal(StrEnum):
    """Why a call is refused, as the room is told.

    `NO_SPEECH` while the model host hangs, or dies again and again; `BUSY` while the turns of those who talk wait too long.
    """

    AT_CAPACITY = "at_capacity"
    NO_SPEECH = "no_speech"
    BUSY = "busy"


def with_notice(metadata: str, reason: str | None) -> str | None:
    """Put the notice into a room's metadata, or take it out (reason None); None when nothing is to be changed."""
    try:
        fields = json.loads(metadata or "{}")
    except ValueError:
        return None
    if not isinstance(fields, dict) or fields.get(REFUSED) == reason:
        return None
    others = {name: value for name, value in fields.items() if name != REFUSED}
    marked = others if reason is None else {**others, REFUSED: reason}
    return json.dumps(marked, ensure_ascii=False) if marked else ""


class RoomNotices(Protocol):
    """How the caller's side is told."""

    async def has_agent(self, room: str) -> bool:
        """Whether some agent is in the room."""

    async def tell(self, room: str, reason: str) -> None:
        """Tell everybody in the room, now and later, that the call was refused."""

    async def withdraw(self, room: str) -> None:
        """Take back what was told."""


@dataclass(slots=True)
class Admission:
    """Takes or refuses calls; `active_calls` counts those that have been started, `has_speech` and `turn_wait_s` ask the model host.

    Only new calls are refused, and nobody who has been taken is touched.
    """

    capacity: int
    active_calls: Callable[[], int]
    notices: RoomNotices
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    has_speech: Callable[[], bool] = lambda: True
    turn_wait_s: Callable[[], float] = lambda: 0.0
    refuse_after_wait_s: float = math.inf
    refused: collections.Counter[Refusal] = field(default_factory=collections.Counter)
    _starting: int = 0

    @property
    def calls(self) -> int:
        """Calls that count: started, or accepted and about to start."""
        return self.active_calls() + self._starting

    def load(self) -> float:
        """Report the present load."""
        return reported_load(self.calls, self.capacity)

    async def answer(self, request: JobRequest) -> None:
        """Take the call if there is room for it; otherwise refuse, and tell the caller's side unless another did."""
        room = request.room.name
        if reason := self._why_not():
            await self._refuse(request, room, reason)
            return
        self._starting += 1
        try:
            await request.accept(attributes={AGENT_ATTRIBUTE: "1"})
        finally:
            self._starting -= 1
        if REFUSED in request.room.metadata:
            await self._notify(self.notices.withdraw(room), room)

    def _why_not(self) -> Refusal | None:
        if self.calls >= self.capacity:
            return Refusal.AT_CAPACITY
        if not self.has_speech():
            return Refusal.NO_SPEECH
        return Refusal.BUSY if self.turn_wait_s() > self.refuse_after_wait_s else None

    async def _refuse(self, request: JobRequest, room: str, reason: Refusal) -> None:
        self.refused[reason] += 1
        _log.warning("Refused a call: %s", self._in_words(reason), extra={"room": room})
        await request.reject(terminate=False)
        await self.sleep(_OTHER_SERVER_S)
        await self._notify(self._tell_unless_taken(room, reason), room)

    def _in_words(self, reason: Refusal) -> str:
        if reason is Refusal.AT_CAPACITY:
            return f"at capacity ({self.calls} of {self.capacity} calls)"
        if reason is Refusal.BUSY:
            return f"turns wait for {self.turn_wait_s():.0f} s, which is more than {self.refuse_after_wait_s:.0f} s"
        return "speech is not available"

    async def _tell_unless_taken(self, room: str, reason: str) -> None:
        if not await self.notices.has_agent(room):
            await self.notices.tell(room, reason)

    async def _notify(self, notice: Awaitable[None], room: str) -> None:
        try:
            await notice
        except (api.TwirpError, aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.info("The room could not be told: %s", error, extra={"room": room})


class LiveKitNotices:
    """Tells rooms through LiveKit's server API."""

    def __init__(self, livekit: api.LiveKitAPI) -> None:
        self._rooms = livekit.room

    async def has_agent(self, room: str) -> bool:
        """Whether some agent is in the room."""
        answer = await self._rooms.list_participants(api.ListParticipantsRequest(room=room))
        return any(participant.kind == ParticipantInfo.Kind.AGENT for participant in answer.participants)

    async def tell(self, room: str, reason: str) -> None:
        """Tell everybody in the room, now and later, that the call was refused."""
        await self._mark(room, reason)
        data = json.dumps({REFUSED: reason}, ensure_ascii=False).encode()
        packet = api.SendDataRequest(room=room, data=data, kind=DataPacket.Kind.RELIABLE, topic=REFUSED)
        await self._rooms.send_data(packet)

    async def withdraw(self, room: str) -> None:
        """Take back what was told."""
        await self._mark(room, None)

    async def _mark(self, room: str, reason: str | None) -> None:
        answer = await self._rooms.list_rooms(api.ListRoomsRequest(names=[room]))
        for found in answer.rooms:
            metadata = with_notice(found.metadata, reason)
            if metadata is not None:
                request = api.UpdateRoomMetadataRequest(room=room, metadata=metadata)
                await self._rooms.update_room_metadata(request)
