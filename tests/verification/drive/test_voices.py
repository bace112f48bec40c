"""Who is the agent, and which track is its voice."""

from dataclasses import dataclass, field

import pytest
from livekit.rtc import ParticipantKind, TrackSource
from voicegate.drive.voices import STATE, Agents, is_microphone, rank, standing

PERSON = ParticipantKind.PARTICIPANT_KIND_STANDARD
RECORDER = ParticipantKind.PARTICIPANT_KIND_EGRESS
DISPATCHED = ParticipantKind.PARTICIPANT_KIND_AGENT


@dataclass
class Somebody:
    """In the room."""

    identity: str
    kind: "ParticipantKind.ValueType" = DISPATCHED
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Sound:
    """A track."""

    sid: str = "TR_1"
    source: "TrackSource.ValueType" = TrackSource.SOURCE_UNKNOWN


def agent() -> Somebody:
    """Make an agent with a session."""
    return Somebody("agent-7", attributes={STATE: "listening"})


@pytest.mark.parametrize(
    "helper", [Somebody("helper", PERSON), Somebody("helper", RECORDER), Somebody("helper")]
)
def test_a_helper_that_leaves_is_not_the_agent(helper: Somebody) -> None:
    """Whether a person, a recorder, or another agent without a session; before and after the agent came."""
    agents = Agents()
    agents.came(helper)
    assert agents.came(agent())
    assert not agents.left(helper)
    agents.came(helper, heard=True)
    assert not agents.left(helper)
    assert agents.left(agent())


def test_a_silent_person_is_no_agent() -> None:
    """Only sound makes an agent of somebody whom nothing marks as one."""
    agents = Agents()
    supervisor = Somebody("supervisor", PERSON)
    assert not agents.came(supervisor)
    assert not agents.left(supervisor)
    assert agents.came(supervisor, heard=True)
    assert agents.left(supervisor)


def test_the_agent_may_leave_others_behind() -> None:
    """It has left all the same, unless a second one like it is there."""
    agents = Agents()
    agents.came(Somebody("music", PERSON), heard=True)
    agents.came(agent())
    second = Somebody("agent-8", attributes={STATE: "speaking"})
    agents.came(second)
    assert not agents.left(second)
    assert agents.left(agent())


@pytest.mark.parametrize("second", [Somebody("agent-8"), Somebody("agent-8", attributes={STATE: "idle"})])
def test_an_agent_may_hand_the_call_over(second: Somebody) -> None:
    """A second one that is heard has it, though its session has not said anything yet; until then a session is enough."""
    agents = Agents()
    agents.came(agent(), heard=True)
    agents.came(second, heard=STATE not in second.attributes)
    assert not agents.left(agent())
    assert agents.left(second)


def test_what_somebody_is_may_show_later() -> None:
    """Attributes come after the participant."""
    one = Somebody("agent-7", PERSON)
    agents = Agents()
    assert not agents.came(one)
    one.attributes[STATE] = "initializing"
    assert agents.came(one)
    assert [standing(somebody) for somebody in (Somebody("a", PERSON), Somebody("a"), agent())] == [0, 1, 2]


def test_the_voice_ranks_before_other_tracks() -> None:
    """The transcription's track, then the agent's, then a microphone's."""
    noise, microphone = Sound("TR_1"), Sound("TR_2", TrackSource.SOURCE_MICROPHONE)
    person = Somebody("music", PERSON)
    assert rank(microphone, agent(), ()) > rank(noise, agent(), ())
    assert rank(noise, agent(), ()) > rank(microphone, person, ())
    assert rank(noise, agent(), {"TR_1"}) > rank(microphone, agent(), {"TR_1"})
    assert rank(noise, person, {"TR_1"}) < rank(noise, agent(), ()), "a supervisor may be transcribed too"
    assert is_microphone(microphone)
    assert not is_microphone(noise)
