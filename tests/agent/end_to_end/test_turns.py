"""Turns in real calls: pauses, interruptions, and lines that fall silent. How good they are in figures says tests/turn_taking.py."""

import asyncio

import pytest
from live import RunningAgent, until
from turn_taking import SOUNDS, with_pause
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.timeline import RATE

from .speakers import ANSWER_TIMEOUT_S, CODE, CODE_REPLY, OTHER_CODE, dialed

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]


@pytest.mark.alone
async def test_a_pause_in_a_code_is_answered_once_and_whole(
    agent: RunningAgent, livekit: LiveKitServer
) -> None:
    """The first sound of the first reply comes after the last digit."""
    async with dialed(livekit) as speaker:
        await speaker.say(with_pause(CODE, 0.8)[0])
        await until(lambda: "Your code is" in speaker.replies(), ANSWER_TIMEOUT_S, "the reply")
        await speaker.hear_end()
        assert speaker.replies() == CODE_REPLY
        assert "ERROR" not in agent.log()


async def test_the_first_reply_can_be_interrupted(agent: RunningAgent, livekit: LiveKitServer) -> None:
    """What is said over it is heard from its first word; LiveKit would be deaf for 3 s."""
    async with dialed(livekit) as speaker:
        await speaker.say(CODE)
        await speaker.hear_beginning()
        await speaker.say(OTHER_CODE)
        await until(lambda: "six one eight seven" in speaker.replies(), ANSWER_TIMEOUT_S, "the other reply")


async def test_a_hum_does_not_end_the_reply(agent: RunningAgent, livekit: LiveKitServer) -> None:
    """The reply may stop for it, and goes on to its end; nothing answers the hum."""
    async with dialed(livekit) as speaker:
        await speaker.say(CODE)
        await speaker.hear_beginning()
        hummed_t = await speaker.say(SOUNDS["mm-hmm"])
        assert await speaker.hear_end() > hummed_t + 0.7
        assert speaker.replies() == CODE_REPLY


async def test_a_line_that_is_cut_in_a_word_is_answered(agent: RunningAgent, livekit: LiveKitServer) -> None:
    """Whoever mutes in the middle of a word has still said what came before."""
    async with dialed(livekit) as speaker:
        saying = asyncio.create_task(speaker.say(CODE))
        await asyncio.sleep(0.8 * len(CODE) / RATE)
        room = speaker.caller._room.local_participant
        await room.unpublish_track(next(iter(room.track_publications)))
        await until(lambda: bool(speaker.replies()), ANSWER_TIMEOUT_S, "a reply")
        saying.cancel()
