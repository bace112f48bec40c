"""Who in a caller's room is the agent, and which track is its voice: others may be there, and it may have several tracks.

LiveKit marks participants that were dispatched by their kind, and an AgentSession publishes its state as an attribute. The session's track
has the source microphone, that of a BackgroundAudioPlayer none, and the agent's transcription names the track that it is spoken on. A
participant without any of these is taken for the agent once it publishes sound, so that an agent of another make can be called too.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from livekit.rtc import ParticipantKind, TrackSource

STATE = "lk.agent.state"

_TAKES_OVER = (1, True)  # standing, and whether sound of it was heard

Rank = tuple[bool, int, bool]
"""How likely a track is the agent's voice: named by its transcription, its participant's standing, a microphone."""


class Participant(Protocol):
    """What is known of somebody in the room."""

    @property
    def identity(self) -> str:
        """Its name, which nobody else in the room has."""
        ...

    @property
    def kind(self) -> "ParticipantKind.ValueType":
        """What the server says that it is."""
        ...

    @property
    def attributes(self) -> dict[str, str]:
        """What it says of itself now."""
        ...


class Publication(Protocol):
    """What is known of a track."""

    @property
    def sid(self) -> str:
        """Its id."""
        ...

    @property
    def source(self) -> "TrackSource.ValueType":
        """What its publisher says that it is."""
        ...


def standing(participant: Participant) -> int:
    """Say how surely somebody is the agent: 2 for one with a session, 1 for one that was dispatched, 0 for all others."""
    if STATE in participant.attributes:
        return 2
    return int(participant.kind == ParticipantKind.PARTICIPANT_KIND_AGENT)


def rank(publication: Publication, participant: Participant, transcribed: Collection[str]) -> Rank:
    """Rank a track; `transcribed` are the ids of tracks that others than the caller send transcriptions of."""
    likely = standing(participant)
    return (likely > 0 and publication.sid in transcribed, likely, is_microphone(publication))


def is_microphone(publication: Publication) -> bool:
    """Whether its publisher says that somebody speaks on it."""
    return publication.source == TrackSource.SOURCE_MICROPHONE


@dataclass(slots=True)
class Agents:
    """Those in the room; which of them is the agent may only show when it publishes sound, or says what it is."""

    _present: dict[str, Participant] = field(default_factory=dict)
    _heard: set[str] = field(default_factory=set)

    def came(self, participant: Participant, *, heard: bool = False) -> bool:
        """Note somebody who came, or of whom more is known now; whether that is an agent."""
        self._present[participant.identity] = participant
        if heard:
            self._heard.add(participant.identity)
        return self._likely(participant) > (0, False)

    def left(self, participant: Participant) -> bool:
        """Note somebody who left; whether that was the agent, and nobody is left who may as well be it.

        To be it, another agent need not be as sure: one that has a session, or was dispatched and is heard, has taken the call over.
        """
        likely = self._likely(participant)
        self._present.pop(participant.identity, None)
        self._heard.discard(participant.identity)
        enough = min(likely, _TAKES_OVER)
        return likely > (0, False) and all(self._likely(other) < enough for other in self._present.values())

    def _likely(self, participant: Participant) -> tuple[int, bool]:
        return (standing(participant), participant.identity in self._heard)
