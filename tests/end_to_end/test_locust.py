"""`locust -f loadtests` as Locust's users run it: against a server that is there, by hand, with workers and at its page."""

import asyncio
import contextlib
import csv
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from end_to_end.conftest import REPOSITORY
from live import INTERRUPTIBLE, StartAgent
from voicegate.drive.livekit_server.server import LiveKitServer

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]


@asynccontextmanager
async def locust(
    log: Path, *arguments: str, server: LiveKitServer | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have it run, told of no server but this one, and killed if it has not ended; what it prints goes to `log`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVEKIT_")}
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(*INTERRUPTIBLE, sys.executable, "-m", "locust", "-f", "loadtests", *arguments),
            cwd=REPOSITORY,
            env=clean | (server.environment() if server else {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def requests_in(table: Path) -> dict[str, tuple[int, int]]:
    """Read Locust's table: how many there were of each request, and how many of them failed."""
    with table.open(encoding="utf-8", newline="") as rows:
        return {
            row["Name"]: (int(row["Request Count"]), int(row["Failure Count"]))
            for row in csv.DictReader(rows)
            if row["Name"] != "Aggregated"
        }


@pytest.mark.parametrize(
    ("gate_file", "requests", "all_fail"),
    [
        ("", {"join", "agent joined", "turn: code"}, False),
        ("[scenario]\njoin_timeout_s = 0.001\n", {"join"}, True),
    ],
)
async def test_a_worker_gets_server_and_gate_file_from_its_master(
    livekit: LiveKitServer,
    start_agent: StartAgent,
    unused_tcp_port: int,
    tmp_path: Path,
    gate_file: str,
    requests: set[str],
    all_fail: bool,
) -> None:
    """`--master` here and `--worker` there: only the master is told the server, its keys and the gate file."""
    gate = tmp_path / "gate.toml"
    gate.write_text(gate_file)
    port = str(unused_tcp_port)
    master_log, worker_log = tmp_path / "master.log", tmp_path / "worker.log"
    master = locust(
        master_log,
        *("--master", "--master-bind-port", port, "--expect-workers", "1", "--headless"),
        *("-u", "1", "-t", "20s", "--tags", "brief", "--csv", str(tmp_path / "out"), "--gate", str(gate)),
        server=livekit,
    )
    worker = locust(worker_log, "--worker", "--master-port", port)
    async with start_agent(), master as first, worker as second:
        await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 120)
    told = master_log.read_text(encoding="utf-8") + worker_log.read_text(encoding="utf-8")
    found = requests_in(tmp_path / "out_stats.csv")
    assert set(found) == requests, told
    assert all(failed == (count if all_fail else 0) for count, failed in found.values()), told
    assert livekit.api_secret not in told


async def test_started_and_stopped_at_its_page(
    livekit: LiveKitServer, start_agent: StartAgent, unused_tcp_port: int, tmp_path: Path
) -> None:
    """The page takes callers and an address, shows the requests as they come, and no secret."""
    log, page = tmp_path / "locust.log", f"http://127.0.0.1:{unused_tcp_port}"
    at_page = locust(
        log,
        *("--web-host", "127.0.0.1", "--web-port", str(unused_tcp_port), "--tags", "brief"),
        server=livekit,
    )
    async with start_agent(), at_page as process, aiohttp.ClientSession() as browser:
        text = await first_look(browser, page)
        assert livekit.url in text
        assert livekit.api_secret not in text
        asked = {"user_count": "1", "spawn_rate": "1", "host": livekit.url}
        async with browser.post(f"{page}/swarm", data=asked) as answer:
            assert (await answer.json())["success"] is True
        await first_turn(browser, page)
        async with browser.post(f"{page}/stop") as answer:
            assert (await answer.json())["success"] is True
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0, log.read_text(encoding="utf-8")


async def first_look(browser: aiohttp.ClientSession, page: str) -> str:
    """Wait until the page is served, and return it."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with browser.get(page) as shown:
                    return await shown.text()
            await asyncio.sleep(0.2)


async def first_turn(browser: aiohttp.ClientSession, page: str) -> None:
    """Wait until the page shows a turn; nothing may have failed."""
    async with asyncio.timeout(60):
        while True:
            async with browser.get(f"{page}/stats/requests") as answer:
                requests: list[dict[str, Any]] = (await answer.json())["stats"]
            assert [one for one in requests if one["num_failures"]] == []
            if any(one["name"] == "turn: code" for one in requests):
                return
            await asyncio.sleep(0.5)
