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
from live import INTERRUPTIBLE, RunningAgent
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


async def call_by_a_worker(server: LiveKitServer, port: int, folder: Path, gate: str) -> str:
    """Have a master and a worker, of which only the master is told the server, its keys and the gate file; return what both wrote.

    Who has begun a call in time may finish it, however long that takes on a busy machine.
    """
    (folder / "gate.toml").write_text(gate)
    master_log, worker_log = folder / "master.log", folder / "worker.log"
    master = locust(
        master_log,
        *("--master", "--master-bind-port", str(port), "--expect-workers", "1", "--headless"),
        *("-u", "1", "-t", "10s", "--stop-timeout", "60", "--tags", "brief"),
        *("--csv", str(folder / "out"), "--gate", str(folder / "gate.toml")),
        server=server,
    )
    async with master as first, locust(worker_log, "--worker", "--master-port", str(port)) as second:
        await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 120)
    told = master_log.read_text(encoding="utf-8") + worker_log.read_text(encoding="utf-8")
    assert server.api_secret not in told
    return told


async def test_a_worker_gets_the_server_from_its_master(
    livekit: LiveKitServer, agent: RunningAgent, unused_tcp_port: int, tmp_path: Path
) -> None:
    """`--master` here and `--worker` there: its calls are answered."""
    told = await call_by_a_worker(livekit, unused_tcp_port, tmp_path, "")
    found = requests_in(tmp_path / "out_stats.csv")
    assert set(found) == {"join", "agent joined", "turn: code"}, told
    assert not any(failed for _, failed in found.values()), told


async def test_a_worker_gets_the_gate_file_from_its_master(
    livekit: LiveKitServer, unused_tcp_port: int, tmp_path: Path
) -> None:
    """Nobody joins within a millisecond: each of its calls fails."""
    gate = "[scenario]\njoin_timeout_s = 0.001\n"
    told = await call_by_a_worker(livekit, unused_tcp_port, tmp_path, gate)
    found = requests_in(tmp_path / "out_stats.csv")
    assert set(found) == {"join"}, told
    assert all(failed == count for count, failed in found.values()), told


async def test_started_and_stopped_at_its_page(
    livekit: LiveKitServer, agent: RunningAgent, unused_tcp_port: int, tmp_path: Path
) -> None:
    """The page takes callers and an address, shows the requests as they come, and no secret."""
    log, page = tmp_path / "locust.log", f"http://127.0.0.1:{unused_tcp_port}"
    at_page = locust(
        log,
        *("--web-host", "127.0.0.1", "--web-port", str(unused_tcp_port), "--tags", "brief"),
        server=livekit,
    )
    async with at_page as process, aiohttp.ClientSession() as browser:
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
