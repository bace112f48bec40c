"""Turns of calls, steps of scripted calls, and how loud both sides were."""

from dataclasses import dataclass
from typing import Literal

from voicegate.expected_reply import ExpectedReply
from voicegate.names import StepKind


@dataclass(frozen=True, slots=True)
class AudioGap:
    """Silence inside a sentence of the reply; seconds relative to the reply's first audio."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a piece of a turn's sound was, from `after_s` seconds after `t` of the turn on, in steps of 5 ms.

    Each character of `dbfs` is a step: `#` is full scale, and each further one in ASCII 1 dB less, down to -80.
    """

    after_s: float
    dbfs: str


@dataclass(frozen=True, slots=True)
class ReportedWait:
    """What a LiveKit agent says of one reply, in seconds; None where it does not.

    `whole_s` runs from where it heard the caller's speech end until it began to speak; from there too `transcription_s` until the transcript
    was there, and `end_of_turn_s` until it took the turn to be over. `llm_s` and `tts_s` are the times to the first token, and to the first sound.
    """

    whole_s: float
    transcription_s: float | None = None
    end_of_turn_s: float | None = None
    llm_s: float | None = None
    tts_s: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange: what the caller said, and what came back as text and as sound.

    `said_loudness` (while the caller spoke) and `heard_loudness` (from then until the next turn) are raw. A reply is looked for from
    `reply_from_t` on, where something else is heard before it: fillers, or the end of a reply that the caller interrupted. What follows
    from them, the times of speech and reply, `latency_s`, `reply_audio_s` and `gaps`, stands here as the limits of the run
    measured it; `measure/turns.py` measures it again for those that the recording is judged by.

    `latency_s` runs from the end of the caller's speech to the first audio of the reply, both taken
    from the audio itself. `transcript` is what the agent understood, `reply_text` what it wrote
    (both from LiveKit's transcription streams, None when none came); `heard_text` is what the gate's
    own recogniser made of the reply's audio, None when it did not run or could not; `unknown_words` are
    those of the reply that it cannot write. A `scripted` turn is a step of a scripted call. `reported` is what the agent says of its own wait.
    After a `goodbye` the agent may end the call.

    The two WAV files begin at the same instant, `audio_start_t`, and hold the whole call.

    A turn is written when it ends and again when its audio was recognised; the reader keeps the last.
    """

    t: float
    call: str
    index: int  # 0-based within the call
    clip: str
    said_text: str
    said_code: str | None  # the spoken code as digits, e.g. "4719"
    expected_reply: ExpectedReply
    speech_start_t: float
    speech_end_t: float
    reply_start_t: float | None
    reply_end_t: float | None
    latency_s: float | None
    transcript: str | None
    reply_text: str | None
    heard_text: str | None
    reply_audio_s: float  # seconds of sound in the reply, silence excluded
    gaps: tuple[AudioGap, ...] = ()
    clipped_samples: int = 0
    said_audio: str | None = None  # WAV path relative to the recording
    heard_audio: str | None = None
    audio_start_t: float | None = None
    language: str = "en"  # of what is said on both sides; ISO 639-1
    said_loudness: Loudness | None = None
    heard_loudness: Loudness | None = None
    unknown_words: tuple[str, ...] = ()
    reply_from_t: float | None = None
    scripted: bool = False
    reported: ReportedWait | None = None
    goodbye: bool = False
    kind: Literal["turn"] = "turn"

    @property
    def expected_text(self) -> str:
        """The whole text that was expected; empty where none is given word by word."""
        return self.expected_reply if isinstance(self.expected_reply, str) else ""

    @property
    def spoken_text(self) -> str:
        """What is to be heard: the reply's text, else the expected one."""
        return self.reply_text or self.expected_text


@dataclass(frozen=True, slots=True)
class Expected:
    """What a script expects of the agent in one step; what is left out, or false, is not asked for.

    An `answer` must fit, and begin within `within_s` of the end of the caller's speech; `once`, nothing else is said. Of a reply that the step
    speaks into it `keeps_talking`, or is silent within `stops_within_s`. With `no_answer` nothing begins to be heard.
    """

    answer: ExpectedReply | None = None
    within_s: float | None = None
    once: bool = False
    no_answer: bool = False
    keeps_talking: bool = False
    stops_within_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallStep:
    """A step of a scripted call: what the caller sent from `t` to `end_t`, and then heard until `over_t`.

    `step` says what it does, and `expects` what is expected of it, if its script says that. `what` is the name of the clip, or of the
    sound. `turn` is the index of the turn in which the clip was said; `pause` where it was silent
    inside; `into_reply_s` how long after the begin of the reply the step was to begin.
    """

    t: float
    call: str
    index: int  # 0-based within the call's script
    step: StepKind
    what: str
    end_t: float
    over_t: float
    turn: int | None = None
    pause: tuple[float, float] | None = None
    into_reply_s: float | None = None
    expects: Expected | None = None
    kind: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class CallSound:
    """How loud both sides of a scripted call were, from its begin at `t` to its end; `after_s` counts from `t`."""

    t: float
    call: str
    said: Loudness
    heard: Loudness
    kind: Literal["sound"] = "sound"
