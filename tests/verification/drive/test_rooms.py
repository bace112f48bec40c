"""Listing the rooms of a run, with a LiveKit server and without."""

import pytest
from livekit import api
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.rooms import listing_rooms

SECRET = "secret" * 8


async def test_a_server_that_is_gone_has_no_rooms_to_tell_of() -> None:
    """It is no error: the run has other ways to notice."""
    async with listing_rooms(LiveKitServer("ws://127.0.0.1:9", "key", SECRET), "mine-") as names:
        assert await names() is None


@pytest.mark.end_to_end
async def test_only_the_rooms_of_the_run_are_listed(livekit: LiveKitServer) -> None:
    """Others use the same server; a room that was deleted is gone from the list."""
    async with (
        api.LiveKitAPI(livekit.url, livekit.api_key, livekit.api_secret) as server,
        listing_rooms(livekit, "mine-") as names,
    ):
        assert await names() == ()
        for name in ("mine-2", "mine-1", "yours-1"):
            await server.room.create_room(api.CreateRoomRequest(name=name))
        assert await names() == ("mine-1", "mine-2")
        await server.room.delete_room(api.DeleteRoomRequest(room="mine-1"))
        assert await names() == ("mine-2",)
