"""What five callers lose when their model host is killed, hangs, or is given an utterance that it dies of."""

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from voicegate_agent.model_host.client import ModelHostClient, Timeouts
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import InvalidRequestError
from voicegate_agent.model_host.supervisor import ModelHostSupervisor, SupervisorTimeouts, host_command

CODES = (
    "seven three one nine",
    "two four one six",
    "six one eight seven",
    "zero five two eight",
    "nine nine two one",
)
PATIENT = Timeouts(restart_s=120, transcribe_s=120)
"""A busy machine may take long to start a host; here it counts who is answered."""

FRAGILE_HOST = textwrap.dedent("""
    import os, signal, sys
    from voicegate_agent.model_host import __main__ as host
    host.prepare_libraries()
    from voicegate_agent.model_host.asr_engine import WhisperEngine

    recognize = WhisperEngine.recognize

    def recognize_or_die(self, utterances):
        if any(utterance.samples.max() > 0.99 for utterance in utterances):
            os.kill(os.getpid(), signal.SIGSEGV)
        return recognize(self, utterances)

    WhisperEngine.recognize = recognize_or_die
    sys.exit(host.main())
""")

pytestmark = pytest.mark.slow


def fragile_host(config: HostConfig, socket_path: Path) -> Sequence[str]:
    """Start a host that dies of very loud utterances."""
    _, _, _, *arguments = host_command(config, socket_path)
    return [sys.executable, "-c", FRAGILE_HOST, *arguments]


def pcm_of(samples: Samples, peak: float = 0.5) -> bytes:
    """Give samples at a level, as a client sends them."""
    loudest = np.abs(samples).max() if samples.max() < -samples.min() else samples.max()
    return bytes((samples / loudest * peak * 32767).astype("<i2").tobytes())


async def hear_all(client: ModelHostClient, utterances: Sequence[bytes]) -> list[str | BaseException]:
    """Have all transcribed at once."""
    tasks = (client.transcribe(pcm, 16_000, "en") for pcm in utterances)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [result if isinstance(result, BaseException) else result.text for result in results]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_host_that_ends_or_hangs_costs_nobody_a_turn(
    host_config: HostConfig, spoken: Callable[[str], Samples], number: signal.Signals
) -> None:
    """Five callers speak while it is gone, and five are answered by the next one."""
    timeouts = SupervisorTimeouts(first_backoff_s=0.01, probe_every_s=0.1, probe_s=5)
    async with (
        ModelHostSupervisor(host_config, timeouts=timeouts) as supervisor,
        ModelHostClient(supervisor.address, PATIENT) as client,
    ):
        utterances = [pcm_of(spoken(code)) for code in CODES]
        assert await hear_all(client, utterances) == list(CODES)
        assert supervisor.pid is not None
        os.kill(supervisor.pid, number)
        assert await hear_all(client, utterances) == list(CODES)


async def test_an_utterance_that_kills_costs_only_its_own_turn(
    host_config: HostConfig, spoken: Callable[[str], Samples]
) -> None:
    """The host dies twice at most: of it in company, and of it alone; then it is refused, and four are answered."""
    timeouts = SupervisorTimeouts(first_backoff_s=0.01)
    async with (
        ModelHostSupervisor(host_config, timeouts=timeouts, command=fragile_host) as supervisor,
        ModelHostClient(supervisor.address, PATIENT) as client,
    ):
        first, *others = [pcm_of(spoken(code)) for code in CODES]
        poison = pcm_of(spoken(CODES[0]), peak=1.0)
        assert await hear_all(client, [first]) == [CODES[0]]
        heard = await hear_all(client, [*others[:2], poison, *others[2:]])
        assert isinstance(heard[2], InvalidRequestError)
        assert [text for number, text in enumerate(heard) if number != 2] == list(CODES[1:])
        pid = supervisor.pid
        with pytest.raises(InvalidRequestError, match="not tried again"):
            await client.transcribe(poison, 16_000, "en")
        assert supervisor.pid == pid
