"""Listing the rooms of a run, with a LiveKit server and without."""

import os
from pathlib import Path

import pytest
from livekit import api
from platformdirs import user_cache_path
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.drive.rooms import listing_rooms
from voicegate.settings import LiveKitSection

SECRET = "secret" * 8


async def test_a_server_that_is_gone_has_no_rooms_to_tell_of() -> None:
    """It is no error: the run has other ways to notice."""
    async with listing_rooms(LiveKitServer("ws://127.0.0.1:9", "key", SECRET), "mine-") as names:
        assert await names() is None


@pytest.mark.end_to_end
@pytest.mark.slow
async def test_only_the_rooms_of_the_run_are_listed(tmp_path: Path) -> None:
    """Others use the same server; a room that was deleted is gone from the list."""
    async with (
        livekit_server(
            LiveKitSection(),
            os.environ,
            cache=user_cache_path("voicegate"),
            log=tmp_path / "livekit-server.log",
            progress=print,
            on_step=lambda *_: None,
        ) as server,
        api.LiveKitAPI(server.url, server.api_key, server.api_secret) as livekit,
        listing_rooms(server, "mine-") as names,
    ):
        assert await names() == ()
        for name in ("mine-2", "mine-1", "yours-1"):
            await livekit.room.create_room(api.CreateRoomRequest(name=name))
        assert await names() == ("mine-1", "mine-2")
        await livekit.room.delete_room(api.DeleteRoomRequest(room="mine-1"))
        assert await names() == ("mine-2",)
