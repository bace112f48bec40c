"""The agent answers whoever interrupts it, and then leaves out its next reply."""

from typing import Any

from livekit.agents import AgentSession, SpeechCreatedEvent
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.call_guard import CallGuard

watch = call._watch


def watch_and_sulk(session: AgentSession[Any], guard: CallGuard) -> None:
    """Count the replies since one was interrupted, and stop the second one before it is heard."""
    watch(session, guard)
    since: list[int] = []

    def on_speech(event: SpeechCreatedEvent) -> None:
        handle = event.speech_handle
        if since:
            since[0] += 1
            if since[0] == 2:
                since.clear()
                handle.interrupt(force=True)
                return
        handle.add_done_callback(lambda done: since.append(0) if done.interrupted and not since else None)

    session.on("speech_created", on_speech)


def break_it() -> None:
    """Bear a grudge."""
    call._watch = watch_and_sulk


if __name__ == "__main__":
    start_with_broken_calls(break_it)
