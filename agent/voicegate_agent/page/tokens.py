"""What a browser is given to make one call: a room that we chose, and leave to speak and listen there."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from livekit import api

TOKEN_LIFE = timedelta(minutes=15)
ROOM_PREFIX = "page-"


@dataclass(frozen=True, slots=True)
class CallToken:
    """Leave for one call; `url` is where the browser finds the LiveKit server."""

    url: str
    room: str
    token: str


def call_token(url: str, key: str, secret: str) -> CallToken:
    """Make a token for a room that nobody is in: a microphone may be published, others heard, and nothing else done."""
    room = f"{ROOM_PREFIX}{secrets.token_hex(8)}"
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_publish_data=False,
        can_subscribe=True,
        can_update_own_metadata=False,
    )
    token = api.AccessToken(key, secret).with_identity("caller").with_name("Caller").with_grants(grants)
    return CallToken(url, room, token.with_ttl(TOKEN_LIFE).to_jwt())
