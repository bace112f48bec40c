"""The parts of a call that can be tried without a room."""

import asyncio
import signal
import threading
import weakref
from contextlib import AsyncExitStack

import pytest
from livekit.agents import JobExecutorType, JobProcess
from pydantic import SecretStr
from voicegate_agent.call import (
    choose_replies,
    connect_models,
    prepare_process,
    speech_configs,
    turn_handling,
)
from voicegate_agent.conversation.chat_endpoint import ChatEndpoints, Endpoint
from voicegate_agent.conversation.scripted import ScriptedReplies
from voicegate_agent.host_settings import Profile
from voicegate_agent.memory_release import RELEASE_SIGNAL
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import HostAddress
from voicegate_agent.models.profiles import locate
from voicegate_agent.settings import AgentSettings
from voicegate_agent.speech import LocalSTTConfig, LocalTTSConfig


class Cycle:
    """Garbage that only a collection frees."""

    def __init__(self) -> None:
        self.me = self


@pytest.mark.parametrize("executor", [JobExecutorType.THREAD, JobExecutorType.PROCESS])
def test_a_thread_collects_what_earlier_calls_left(executor: JobExecutorType) -> None:
    """Before it takes a call; a process is new and has nothing to collect, but listens for the signal to."""
    before = signal.getsignal(RELEASE_SIGNAL)
    left = weakref.ref(Cycle())
    try:
        prepare_process(
            AgentSettings(), JobProcess(executor_type=executor, user_arguments=None, http_proxy=None)
        )
        assert (left() is None) == (executor is JobExecutorType.THREAD)
        assert (signal.getsignal(RELEASE_SIGNAL) != before) == (executor is JobExecutorType.PROCESS)
    finally:
        signal.signal(RELEASE_SIGNAL, before)


async def test_shared_host_is_only_connected_to() -> None:
    """With an address nothing is started."""
    async with AsyncExitStack() as resources:
        client = await connect_models(AgentSettings(), HostAddress.parse("http://127.0.0.1:9"), resources)
        assert str(client.address) == "http://127.0.0.1:9"
        assert not await client.is_healthy()


@pytest.mark.slow
@pytest.mark.parametrize("in_thread", [False, True])
def test_call_that_does_not_share_has_a_host_of_its_own(in_thread: bool) -> None:
    """It answers as long as the call's resources are open, also in the event loop of a thread."""
    settings = AgentSettings(profile=Profile.MICRO, model_host=None, asr_model=None, tts_voice=None)
    config = HostConfig.from_settings(settings, locate(settings))
    healthy: list[bool] = []

    async def call() -> None:
        async with AsyncExitStack() as resources:
            client = await connect_models(settings, config, resources)
            other = await connect_models(settings, config, resources)
            assert client.address != other.address
            healthy.append(await client.is_healthy() and await other.is_healthy())
        healthy.append(await client.is_healthy())
        await client.aclose()

    if in_thread:
        thread = threading.Thread(target=lambda: asyncio.run(call()))
        thread.start()
        thread.join(60)
    else:
        asyncio.run(call())
    assert healthy == [True, False]


def test_the_settings_say_how_a_call_listens_and_speaks(clean_environment: None) -> None:
    """A host elsewhere keeps its own language and speed, unless the agent was told others."""
    assert speech_configs(AgentSettings()) == (LocalSTTConfig(None), LocalTTSConfig(None))
    told = AgentSettings(language="en-GB", speed=1.25, unsure_wait_s=0.9, code_digits=6)
    assert speech_configs(told) == (
        LocalSTTConfig("en", unsure_wait_s=0.9, code_digits=6),
        LocalTTSConfig(1.25),
    )


@pytest.mark.parametrize(("by_telephone", "after_s"), [(False, 0.3), (True, 0.5)])
def test_each_kind_of_caller_interrupts_in_its_own_way(by_telephone: bool, after_s: float) -> None:
    """A telephone line may be noisier than a headset."""
    settings = AgentSettings(web_interrupt_after_s=0.3, sip_interrupt_after_s=0.5)
    handling = turn_handling(settings, by_telephone=by_telephone)
    assert handling["interruption"]["min_duration"] == after_s


def test_scripted_help_desk_is_the_default() -> None:
    """Without an endpoint nothing outside is asked."""
    assert isinstance(choose_replies(AgentSettings(replies_url=None, replies_model=None)), ScriptedReplies)


async def test_chat_endpoints_of_the_settings_are_asked() -> None:
    """The first one, and another one where it fails."""
    settings = AgentSettings(
        replies_url="http://127.0.0.1:9/v1",
        replies_model="small",
        replies_api_key=SecretStr("key"),
        replies_fallback_url="http://127.0.0.1:7/v1",
        replies_fallback_model="large",
    )
    replies = choose_replies(settings)
    assert isinstance(replies, ChatEndpoints)
    assert (replies.model, replies.provider) == ("small", "127.0.0.1:9")
    assert replies.endpoints == [
        Endpoint("http://127.0.0.1:9/v1", "small", "key"),
        Endpoint("http://127.0.0.1:7/v1", "large"),
    ]
