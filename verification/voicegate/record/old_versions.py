"""Events of recordings with an older schema, as today's schema has them.

Until version 9 no turn said goodbye by itself, and the end of a call was when its caller had left, not when he began to. Until version 4 a turn had no loudness: its gaps and waits stay as they were measured when it was recorded. Until version 3 whose fault a failed call was stood only in how the English sentence of its `detail` began.
"""

from dataclasses import replace

from voicegate.record.events import Event, Fault

_RUN = "the run was broken off during the call"
_CALLER_PROCESS = "the process that its caller lived in is gone"
_BEGINNINGS: tuple[tuple[str, Fault], ...] = (
    ("the caller's own side", "caller"),
    ("could not join the room", "server"),
)
_FAULTS_SINCE = 4
_GOODBYES_SINCE = 9
_GOODBYE = "thank you goodbye"


def upgraded(event: Event, version: int) -> Event:
    """Return an event of a recording of this schema version with the fields that later versions added."""
    if event.kind == "turn" and version < _GOODBYES_SINCE and event.said_text == _GOODBYE:
        return replace(event, goodbye=True)
    if version >= _FAULTS_SINCE or event.kind != "call" or event.step != "failed":
        return event
    return replace(event, fault=_fault(event.detail or ""))


def _fault(detail: str) -> Fault:
    if detail == _RUN:
        return "run"
    if detail == _CALLER_PROCESS:
        return "caller-process"
    return next((fault for begin, fault in _BEGINNINGS if detail.startswith(begin)), "agent")
