"""What an agent tells of its waits."""

from livekit.protocol.agent_pb import agent_session
from voicegate.drive.session_reports import SessionReports
from voicegate.record.events import ReportedWait


def message(role: agent_session.ChatRole, **metrics: float) -> bytes:
    """Write what livekit-agents sends when something was added to the conversation."""
    sent = agent_session.AgentSessionMessage()
    said = sent.event.conversation_item_added.item.message
    said.role = role
    for name, value in metrics.items():
        setattr(said.metrics, name, value)
    return sent.SerializeToString()


def reports_at(*messages: tuple[float, bytes]) -> SessionReports:
    """Take messages at these times."""
    times = iter(t for t, _ in messages)
    reports = SessionReports(lambda: next(times))
    for _, data in messages:
        reports.take(data)
    return reports


CALLER = message(agent_session.USER, transcription_delay=0.25, end_of_turn_delay=0.5)
REPLY = message(agent_session.ASSISTANT, llm_node_ttft=0.125, tts_node_ttfb=0.0625, e2e_latency=0.75)


def test_a_reply_and_the_turn_that_it_answers() -> None:
    """Are one wait; those of other turns are not."""
    reports = reports_at((1.0, CALLER), (3.0, REPLY), (5.0, CALLER), (7.0, REPLY))
    assert reports.between(0.0, 4.0) == ReportedWait(0.75, 0.25, 0.5, 0.125, 0.0625)
    assert reports.between(4.0, 6.0) is None


def test_what_is_not_said_is_not_known() -> None:
    """A greeting answers nobody and has no wait; zeros are said, not guessed."""
    greeting = message(agent_session.ASSISTANT, tts_node_ttfb=0.1)
    reply = message(agent_session.ASSISTANT, e2e_latency=0.5, llm_node_ttft=0.0)
    reports = reports_at((1.0, greeting), (2.0, reply))
    assert reports.between(0.0, 3.0) == ReportedWait(0.5, llm_s=0.0)
    assert reports.between(0.0, 1.5) is None


def test_other_messages_say_nothing() -> None:
    """Nor does what is no message."""
    state = agent_session.AgentSessionMessage()
    state.event.agent_state_changed.SetInParent()
    reports = reports_at((1.0, state.SerializeToString()), (2.0, b"\xff\xff\xff"))
    assert reports.between(0.0, 3.0) is None
