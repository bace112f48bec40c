"""What all callers of one Locust process share: the process they live in, and the way to statistics and recording."""

import itertools
import random
import secrets
from argparse import Namespace
from collections.abc import Sequence

import gevent
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING
from voicegate.load.messages import CallRequest
from voicegate.loadtests._arrivals import Arrivals
from voicegate.loadtests._participants import ParticipantProcess, ParticipantsError, participants_command
from voicegate.loadtests._recording import Line, RecordingLink, lost_call
from voicegate.loadtests._statistics import count
from voicegate.names import ClipKind
from voicegate.settings import GateSettings

LONGEST_PAUSE_S = 3.0
PHASE = "load"
NOBODY_FREE = "nobody was free for a call that was due: give more callers with -u"


class Worker:
    """Makes calls for the users of one process."""

    def __init__(self, environment: Environment, options: Namespace, settings: GateSettings) -> None:
        self._environment = environment
        self._options = options
        self._settings = settings
        self._run = f"load-{secrets.token_hex(3)}"
        self._numbers = itertools.count(1)
        self.link = RecordingLink(environment)
        command = participants_command(settings, random.randrange(1 << 30))
        self._participants = ParticipantProcess(command, self.link.add, self._tell_of_the_dead_process)
        self.arrivals = Arrivals(self._calls_per_s, self._miss) if options.arrivals else None
        if self.arrivals is not None:
            gevent.spawn(self._participants.prepare)

    def call(self, turns: Sequence[ClipKind]) -> None:
        """Make a call; every line of it becomes a line of the statistics or of the recording."""
        request = self._request(turns)
        try:
            for line in self._participants.call(request):
                self._take(line)
        except ParticipantsError as error:
            count(self._environment, "call", None, str(error))
            self.link.add(lost_call(request.name, f"{request.run}-{request.name}", request.phase))

    def close(self) -> None:
        """End the process of callers; send what is left to be recorded."""
        self._participants.close()
        self.link.finish()

    def _request(self, turns: Sequence[ClipKind]) -> CallRequest:
        scenario, agent = self._settings.scenario, self._settings.agent
        return CallRequest(
            name=self._name(),
            phase=PHASE,
            run="voicegate",
            url=self._environment.host or "",
            api_key=self._options.api_key,
            api_secret=self._options.api_secret,
            turns=tuple(turns),
            pauses_s=tuple(random.uniform(0.0, LONGEST_PAUSE_S) for _ in turns),
            join_timeout_s=scenario.join_timeout_s,
            reply_timeout_s=scenario.reply_timeout_s,
            agent_name=agent.agent_name,
            expected_reply=agent.expected_reply,
            fillers=agent.fillers,
            spoken=agent.spoken,
            language=self._settings.language,
        )

    def _take(self, line: Line) -> None:
        if line["kind"] == "outcome":
            count(self._environment, line["name"], line["response_s"], line["problem"])
        else:
            self.link.add(line)

    def _calls_per_s(self) -> float:
        """Return this process's part of all arrivals: that of its callers in all callers, once they can call."""
        runner = self._environment.runner
        states = (STATE_SPAWNING, STATE_RUNNING)
        if runner is None or runner.state not in states or self._participants.pid is None:
            return 0.0
        return float(self._options.arrivals * runner.user_count / self._options.num_users)

    def _miss(self) -> None:
        count(self._environment, "arrival", None, NOBODY_FREE)
        self.link.add(lost_call(self._name(), "", PHASE, NOBODY_FREE, "caller"))

    def _name(self) -> str:
        return f"{self._run}-{next(self._numbers):04}"

    def _tell_of_the_dead_process(self, reason: str) -> None:
        count(self._environment, "participants", None, reason)
