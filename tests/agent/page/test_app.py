"""The page's server, as a browser and as a stranger sees it."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from livekit import api
from pydantic import SecretStr
from voicegate_agent.page.app import STATIC
from voicegate_agent.page.serving import page_server
from voicegate_agent.settings import AgentSettings

SECRET = "secret" * 6
KEY = "a-key-of-letters"


@pytest.fixture(autouse=True)
def no_variables(clean_environment: None) -> None:
    """Start from an environment that sets nothing."""


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """Have a file in the place of LiveKit's client."""
    (tmp_path / "livekit-client.js").write_text("globalThis.LivekitClient = {};")
    (tmp_path / "licences.txt").write_text("theirs")
    return tmp_path / "livekit-client.js"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Have a client for HTTP."""
    async with aiohttp.ClientSession() as opened:
        yield opened


def settings(**more: object) -> AgentSettings:
    """Make settings with a LiveKit server and any free port."""
    usual = {
        "livekit_url": "ws://127.0.0.1:7880",
        "livekit_api_key": "key",
        "livekit_api_secret": SecretStr(SECRET),
        "page_port": 0,
    }
    return AgentSettings.model_validate(usual | more)


async def ask_token(
    session: aiohttp.ClientSession, address: str, **headers: str
) -> tuple[int, dict[str, str], dict[str, str]]:
    """Post as a page does, and give status, headers and answer."""
    base = address.split("/#", maxsplit=1)[0].rstrip("/")
    async with session.post(f"{base}/token", headers={"Origin": base} | headers) as reply:
        return reply.status, dict(reply.headers), await reply.json()


async def test_every_file_comes_with_the_policy_and_nothing_is_fetched_from_elsewhere(
    client: Path, session: aiohttp.ClientSession
) -> None:
    """The page, its styles and scripts, LiveKit's client and its licences."""
    async with page_server(settings(), client) as address:
        names = ["", "livekit-client.js", "licences.txt", *(path.name for path in STATIC.iterdir())]
        for name in names:
            async with session.get(f"{address}{name}") as reply:
                assert reply.status == 200, name
                assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for path in STATIC.glob("*.[hcj]*"):
        assert not re.findall(r"https?://(?!www\.w3\.org)", path.read_text()), path.name


async def test_a_token_is_for_a_room_of_our_choice_and_a_microphone_for_15_minutes(
    client: Path, session: aiohttp.ClientSession
) -> None:
    """Each call has a room of its own, whatever the request asks for, and no answer is kept."""
    async with page_server(settings(), client) as address:
        status, headers, first = await ask_token(session, f"{address}")
        async with session.post(
            f"{address}token", json={"room": "mine"}, headers={"Origin": address.rstrip("/")}
        ) as reply:
            second = await reply.json()
    assert (status, headers["Cache-Control"], first["url"]) == (200, "no-store", "ws://127.0.0.1:7880")
    assert first["room"] != second["room"] != "mine"
    claims = api.TokenVerifier("key", SECRET).verify(first["token"])
    grants = claims.video
    assert grants is not None
    assert (grants.room, grants.room_join, grants.can_subscribe) == (first["room"], True, True)
    assert grants.can_publish_sources == ["microphone"]
    assert not grants.can_publish_data
    assert not any((grants.room_admin, grants.room_create, grants.room_list, grants.can_update_own_metadata))
    assert 890 <= lifetime_s(first["token"]) <= 910


def lifetime_s(token: str) -> float:
    """Tell how long a token is good for."""
    import base64  # noqa: PLC0415

    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return float(claims["exp"] - claims["nbf"])


async def test_no_token_for_strangers_other_methods_or_the_hasty(
    client: Path, session: aiohttp.ClientSession
) -> None:
    """Another origin, none, a GET, and the eleventh call at once are refused, and the policy comes with each refusal."""
    async with page_server(settings(), client) as address:
        status, headers, _ = await ask_token(session, address, Origin="https://elsewhere.example")
        assert (status, headers["Cache-Control"]) == (403, "no-store")
        assert "Content-Security-Policy" in headers
        async with session.post(f"{address}token") as reply:
            assert reply.status == 403
        async with session.get(f"{address}token") as reply:
            assert (reply.status, reply.headers["Allow"]) == (405, "POST")
        statuses = [(await ask_token(session, address))[0] for _ in range(10)]
        status, headers, _ = await ask_token(session, address)
    assert statuses == [200] * 10
    assert status == 429
    assert 1 <= int(headers["Retry-After"]) <= 6


async def test_a_page_for_others_asks_for_the_key_everywhere(
    client: Path, session: aiohttp.ClientSession
) -> None:
    """The address that is printed has it; who tries keys costs nobody a call."""
    shared = settings(page_secret=KEY, page_origin="https://voice.example.org", page_host="127.0.0.1")
    async with page_server(shared, client) as address:
        assert address == f"https://voice.example.org/#key={KEY}"
    async with page_server(settings(page_secret=KEY), client) as address:
        assert [(await ask_token(session, address))[0] for _ in range(12)] == [401] * 12
        status, _, _ = await ask_token(session, address, Authorization=f"Bearer {KEY}")
        assert status == 200
        async with session.get(address.replace(f"#key={KEY}", "agent")) as reply:
            assert reply.status == 401


async def test_figures_are_the_agents_or_a_reason(client: Path, session: aiohttp.ClientSession) -> None:
    """What the agent says is passed on; no port is no content, an agent that is gone 502, and neither an error of ours."""

    async def figures(_: web.Request) -> web.Response:
        return web.json_response({"calls": 1})

    app = web.Application()
    app.router.add_get("/figures", figures)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with page_server(settings(), client) as address, session.get(f"{address}agent") as reply:
        assert reply.status == 204
    async with page_server(settings(figures_port=port), client) as address:
        async with session.get(f"{address}agent") as reply:
            assert (reply.status, await reply.json()) == (200, {"calls": 1})
        await runner.cleanup()
        async with session.get(f"{address}agent") as reply:
            assert reply.status == 502
