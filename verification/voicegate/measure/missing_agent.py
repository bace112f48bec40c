"""Why no agent came to a call, or none was heard in it, as the agent's log and the LiveKit server's tell it.

The wordings are those of livekit-agents 1.x (`worker.py`, `ipc/`) and of LiveKit's server (`pkg/agent/client.go`,
`pkg/service/agentservice.go`). LiveKit offers a call once, to the workers that have registered under the name that the call asks for and say
that they have room; what goes wrong on this way is looked for in this order.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from voicegate.agent_section import LogLines
from voicegate.measure.caveats import Caveat
from voicegate.measure.tracebacks import is_header, with_exceptions
from voicegate.record.agent_log import parse_line
from voicegate.record.events import LogLine

NO_AGENT = "no agent joined"
NO_SOUND = "the agent joined but published no audio"

_LONGEST = 200
_SHOWN = 2
_BAD_LEVELS = ("error", "critical", "fatal")
_NAME = re.compile(r'agent_?name\\*"\s*:\s*\\*"([^"\\]*)', re.IGNORECASE)
_ERROR = re.compile(r'"error"\s*:\s*"([^"]*)')
_LOAD = re.compile(r'load\\*"\s*:\s*([\d.]+)')
_THRESHOLD = re.compile(r'threshold\\*"\s*:\s*([\d.]+)')

_FULL = "worker is at full capacity, marking as unavailable"
_BELOW = "worker is below capacity, marking as available"
_DRAINING = "draining worker"
_REGISTERED = "registered worker"
_ON_SERVER = "worker registered"
_OFF_SERVER = "last worker deregistered"
_OFFERED = ("received job request", "assigned job to worker")
_NOT_CONNECTED = "The room connection was not established"
_NO_ANSWER = "no answer was given inside the job_request_fnc"
_NO_PROCESS = "no warmed process available for job"

STATES = re.compile(
    "|".join(
        map(
            re.escape,
            (_FULL, _BELOW, _DRAINING, _REGISTERED, _ON_SERVER, _OFF_SERVER, "failed to connect to livekit"),
        )
    )
)
"""Lines that say how the agent stands with the server: they count until another one comes."""

_MORE_ROOM = (
    "give the agent a load_fnc that counts its calls, such as load_fnc=lambda server: len(server.active_jobs) / 10, or run with less other "
    "work on the machine: LiveKit's own measure is the load of all its processors"
)


@dataclass(frozen=True, slots=True)
class LogAt:
    """One log: `before` are the lines that match STATES until the call was dialed, `since` all lines since then."""

    before: Sequence[str] = ()
    since: Sequence[str] = ()

    @property
    def states(self) -> Sequence[str]:
        """All lines that match STATES."""
        return [*self.before, *(line for line in self.since if STATES.search(line))]


@dataclass(frozen=True, slots=True)
class Missed:
    """A call that no agent came to, or, if one `joined`, in which it published no audio: its room, the name that it asked for, and the logs.

    `server` is empty for a server of somebody else.
    """

    room: str
    asked_for: str | None
    agent: LogAt = field(default_factory=LogAt)
    server: LogAt = field(default_factory=LogAt)
    lines: LogLines = field(default_factory=LogLines)
    joined: bool = False

    @property
    def offered(self) -> bool:
        """Whether the agent was offered the call."""
        return any(self.room in line and any(text in line for text in _OFFERED) for line in self.since)

    @property
    def since(self) -> Sequence[str]:
        """All lines of both logs since the call was dialed."""
        return [*self.agent.since, *self.server.since]


def why_missing(call: Missed) -> Caveat | None:
    """Find why no agent came or was heard, and what to do about it; None where the logs say nothing."""
    asking: Sequence[Callable[[Missed], Caveat | None]] = (
        _other_name,
        _not_registered,
        _full,
        _no_room,
        _broke,
    )
    if call.joined:
        asking = (_broke, _silent)
    elif call.offered:
        asking = (_refused, _never_connected, _broke, _slow)
    return next((why for ask in asking if (why := ask(call)) is not None), None)


def _other_name(call: Missed) -> Caveat | None:
    """Compare the name that the call asked for with those that agents registered under."""
    names = _names(call)
    asked_for = call.asked_for or ""
    if not names or asked_for in names:
        return None
    known = " and ".join(repr(name) if name else "no name" for name in sorted(names))
    named = next((name for name in sorted(names) if name), None)
    if not asked_for:
        return Caveat(
            f"the agent registered as {known}, and LiveKit gives it only calls that ask for this name",
            f'write agent_name = "{named}" into [agent] of the gate file',
        )
    return Caveat(
        f"the call asked for an agent called {asked_for!r}, and the agent registered under {known}",
        f'write agent_name = "{named}" into [agent] of the gate file'
        if named
        else "take agent_name out of [agent] of the gate file, or give the agent that name",
    )


def _names(call: Missed) -> set[str]:
    """Collect the names under which agents are registered now; none where the logs do not name them."""
    names: set[str] = set()
    for line in call.server.states:
        if found := _NAME.search(line):
            names = names - {found[1]} if _OFF_SERVER in line else names | {found[1]}
    if names:
        return names
    found_names = (_NAME.search(line) for line in call.agent.states if _REGISTERED in line)
    return {found[1] for found in found_names if found}


def _not_registered(call: Missed) -> Caveat | None:
    """See whether our own server knows of no agent at all."""
    known = [line for line in call.server.states if _ON_SERVER in line or _OFF_SERVER in line]
    if not call.server.since or (known and _OFF_SERVER not in known[-1]):
        return None
    trying = next(
        (line for line in reversed(call.agent.states) if "failed to connect to livekit" in line), None
    )
    said = f"; its log: {_message(trying, call)}" if trying else ""
    return Caveat(
        f"no agent is registered with the LiveKit server{said}",
        "see that the agent takes LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET from its environment (load_dotenv(override=True) "
        "would replace them), and that ready_pattern fits the line that says that it is registered",
    )


def _full(call: Missed) -> Caveat | None:
    """See whether the agent says that it takes no more calls."""
    before = [line for line in call.agent.before if _FULL in line or _BELOW in line or _DRAINING in line]
    said = [*before[-1:], *(line for line in call.agent.since if _FULL in line)]
    line = said[-1] if said else ""
    if _DRAINING in line:
        return Caveat(
            "the agent takes no more calls, because it is being stopped: draining worker",
            "see in the agent's log what stopped it",
        )
    if _FULL not in line:
        return None
    load, threshold = _LOAD.search(line), _THRESHOLD.search(line)
    figures = f" (load {float(load[1]):.3g}, threshold {threshold[1]})" if load and threshold else ""
    return Caveat(f"the agent's log says {_FULL!r}{figures}", _MORE_ROOM)


def _no_room(call: Missed) -> Caveat | None:
    """See whether the server found no agent that has room for the call."""
    for line in reversed(call.server.since):
        own = call.room in line
        if own and "not dispatching agent job since no worker is available" in line:
            return Caveat(
                f"no agent called {call.asked_for!r} was there",
                "see in the agent's log when it registered, and as what",
            )
        if "failed to send job request" in line or (own and "no worker available to handle job" in line):
            error = _ERROR.search(line)
            said = error[1] if error else "no worker available to handle job"
            return Caveat(
                f"the LiveKit server found no agent with room for the call (its log: {said}): the load that the agent tells it "
                "is at or above the 0.7 up to which it gives calls",
                _MORE_ROOM,
            )
    return None


def _refused(call: Missed) -> Caveat | None:
    """See whether the agent answered that it does not want the call."""
    if line := _first(call.agent.since, _NO_ANSWER):
        return Caveat(
            f"the agent refused the call: {_message(line, call)}", "let on_request accept the gate's calls"
        )
    for line in call.server.since:
        if call.room in line and "failed to assign job to worker" in line:
            error = _ERROR.search(line)
            return Caveat(
                f"the agent did not take the call (LiveKit server: {error[1] if error else 'failed to assign job to worker'})",
                "see that on_request accepts the gate's calls, and that nothing blocks the agent's main process",
            )
    return None


def _never_connected(call: Missed) -> Caveat | None:
    line = _first(call.agent.since, _NOT_CONNECTED)
    broken = _errors(call)
    if line is None or broken:
        return None
    return Caveat(
        f"the agent took the call and did not connect: {_message(line, call)}",
        "let the entrypoint call ctx.connect() or session.start(room=ctx.room), before what takes long",
    )


def _broke(call: Missed) -> Caveat | None:
    """Quote the errors in the agent's log since the call was dialed."""
    errors = _errors(call)
    if not errors:
        return None
    taken = call.offered or call.joined
    took = "the agent took the call, and then its log says" if taken else "the agent's log says"
    return Caveat(f"{took}: {' | '.join(errors)}", "mend what agent.log beside the report says at that time")


def _slow(call: Missed) -> Caveat | None:
    line = _first(call.agent.since, _NO_PROCESS)
    had_none = "; it had no process ready for it" if line else ""
    return Caveat(
        f"the agent took the call and did not join in time{had_none}",
        "let it load its models before the call (setup_fnc, num_idle_processes), or wait longer: [scenario] join_timeout_s",
    )


def _silent(call: Missed) -> Caveat | None:
    """Say what is left where an agent is there, and no error tells why it is not heard."""
    known = "its log names no error; " if call.agent.since else ""
    return Caveat(
        f"{known}either its session had not begun by then, or it has no audio output",
        "let the entrypoint come to session.start(room=ctx.room), with its audio output on, before what takes long, or wait longer: "
        "[scenario] join_timeout_s",
    )


def _errors(call: Missed) -> Sequence[str]:
    """List what the agent's log says of errors, those with an exception first, without what belongs to other calls."""
    parsed = with_exceptions([parse_line(line, 0.0, call.lines) for line in call.agent.since])
    own = [line for line in parsed if line.room in (None, call.room)]
    bad = [line for line in own if line.exception is not None or (line.level or "").casefold() in _BAD_LEVELS]
    bad.sort(key=lambda line: line.exception is None)
    return list(dict.fromkeys(map(_told, bad)))[:_SHOWN]


def _told(line: LogLine) -> str:
    message = " ".join(line.message.partition("\n")[0].split())
    if line.exception and is_header(line):
        return line.exception[:_LONGEST]
    return f"{message}: {line.exception}"[:_LONGEST] if line.exception else message[:_LONGEST]


def _message(raw: str, call: Missed) -> str:
    return parse_line(raw, 0.0, call.lines).message[:_LONGEST]


def _first(lines: Iterable[str], text: str) -> str | None:
    return next((line for line in lines if text in line), None)
