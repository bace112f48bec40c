"""A call's room as LiveKit's server knows it: who is in it, and what becomes of it when the call is over."""

import logging
from collections.abc import Collection, Iterable, Sequence

import aiohttp
from livekit import api
from livekit.agents import JobContext
from livekit.protocol.models import ParticipantInfo

from voicegate_agent.call_guard import STAYS_OPEN, Ending

_NO_CALLER = (ParticipantInfo.Kind.AGENT, ParticipantInfo.Kind.EGRESS)

_log = logging.getLogger(__name__)


async def people_in_room(ctx: JobContext) -> Sequence[ParticipantInfo]:
    """Ask LiveKit who is in the room, which the agent has not entered yet; nobody if it does not say."""
    request = api.ListParticipantsRequest(room=ctx.job.room.name)
    try:
        return (await ctx.api.room.list_participants(request)).participants
    except (api.TwirpError, aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.info("Who calls is not known: %s", error)
        return ()


async def is_closed(ctx: JobContext) -> bool:
    """Ask LiveKit whether the room is gone; no if it does not say."""
    try:
        rooms = await ctx.api.room.list_rooms(api.ListRoomsRequest(names=[ctx.job.room.name]))
    except (api.TwirpError, aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.info("Whether the room is open is not known: %s", error)
        return False
    return not rooms.rooms


def is_telephone(people: Iterable[ParticipantInfo]) -> bool:
    """Whether somebody came by SIP; a caller who is still to come counts as a browser or app."""
    return any(someone.kind == ParticipantInfo.Kind.SIP for someone in people)


async def leave_room(ctx: JobContext, left: Collection[str], ending: Ending | None) -> None:
    """Leave nobody alone with a call that is over: by then the agent has left the room.

    Whoever is left when a caller goes (`left` are those who went), or is back already, gets another agent: LiveKit dispatches one when a room
    is made, and none later. Where the agent hung up, the room is deleted, which ends calls by telephone too.
    """
    try:
        await _settle_room(ctx, left, ending)
    except api.TwirpError as error:
        if error.code != api.TwirpErrorCode.NOT_FOUND:
            _log.warning("The room could not be left in order: %s", error)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.warning("The room could not be left in order: %s", error)


async def _settle_room(ctx: JobContext, left: Collection[str], ending: Ending | None) -> None:
    if ending in STAYS_OPEN:
        return
    name = ctx.job.room.name
    answer = await ctx.api.room.list_participants(api.ListParticipantsRequest(room=name))
    people = any(one.kind not in _NO_CALLER for one in answer.participants)
    if ending is not None or not people:
        await ctx.api.room.delete_room(api.DeleteRoomRequest(room=name))
    elif left:
        again = api.CreateAgentDispatchRequest(
            room=name, agent_name=ctx.job.agent_name, metadata=ctx.job.metadata
        )
        await ctx.api.agent_dispatch.create_dispatch(again)
