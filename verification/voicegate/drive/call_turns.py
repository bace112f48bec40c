"""The turns of one call: opened with what was said, recorded with the sound of both sides."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.fillers import fillers_before
from voicegate.drive.microphone import Microphone, Said
from voicegate.drive.replies import OpenTurn
from voicegate.drive.session_reports import SessionReports
from voicegate.drive.transcripts import Transcripts
from voicegate.expected_reply import ExpectedReply, filled
from voicegate.record.call_audio import CallAudio, SpokenTurn, call_sound, recorded_turn, save_call_audio
from voicegate.record.events import CallSound, Turn


@dataclass(slots=True)
class CallTurns:
    """What was said in a call, in order, and where the sound of both sides and the texts are."""

    call: str
    language: str
    microphone: Microphone
    earphone: Earphone
    transcripts: Transcripts
    reports: SessionReports
    _turns: list[OpenTurn] = field(default_factory=list)

    def open(self, clip: Clip, said: Said, given: ExpectedReply | None, fillers: Sequence[str]) -> OpenTurn:
        """Begin a turn; the reply `given` for all clips is expected, if one is, else the clip's own."""
        expected = filled(clip.expected_reply if given is None else given, clip.code, clip.text)
        turn = OpenTurn(clip, said, expected, fillers_before(expected, fillers), index=len(self._turns))
        self._turns.append(turn)
        return turn

    @property
    def end_with_goodbye(self) -> bool:
        """Whether the last thing that was said is a goodbye."""
        return bool(self._turns) and self._turns[-1].clip.goodbye

    def close_last(self, t: float) -> None:
        """End the last turn: what is said from now on is no reply to it."""
        if self._turns and self._turns[-1].until_t is None:
            self._turns[-1].until_t = t

    def saved(
        self, dialed_t: float, ended_t: float, folder: Path, *, whole_call: bool
    ) -> Iterator[Turn | CallSound]:
        """Save the sound of the call, and give every turn, and with `whole_call` how loud all of it was. Raises RecordingError."""
        if not self._turns:
            return
        audio = self._audio(dialed_t, ended_t)
        files = save_call_audio(audio, folder, self.call)
        starts = [turn.said.start_t for turn in self._turns]
        for turn, until_t in zip(self._turns, [*starts[1:], ended_t], strict=True):
            yield recorded_turn(self._spoken(turn, turn.until_t or until_t), audio, files)
        if whole_call:
            yield call_sound(self.call, audio)

    async def last(self, until_t: float) -> Turn:
        """Give the last turn, of which no sound is kept."""
        turn = self._turns[-1]
        audio = self._audio(turn.said.start_t, until_t)  # not in a thread: sound still comes in
        return await asyncio.to_thread(recorded_turn, self._spoken(turn, until_t), audio, None)

    def _audio(self, start_t: float, end_t: float) -> CallAudio:
        return CallAudio(
            start_t=start_t,
            said=self.microphone.sent.render(start_t, end_t, arrived=False),
            heard=self.earphone.render(start_t, end_t),
        )

    def _spoken(self, turn: OpenTurn, until_t: float) -> SpokenTurn:
        clip, said = turn.clip, turn.said
        text, expected = turn.compared(self.transcripts.agent_said(said.start_t, until_t))
        return SpokenTurn(
            call=self.call,
            index=turn.index,
            clip=clip.name,
            said_text=clip.text,
            said_code=clip.code,
            expected_reply=expected,
            start_t=said.start_t,
            end_t=said.end_t,
            until_t=until_t,
            transcript=self.transcripts.caller_said(said.start_t, until_t),
            reply_text=text,
            language=self.language,
            reply_from_t=turn.reply_from_t if turn.passed is None else turn.passed.until_t,
            scripted=turn.scripted,
            reported=self.reports.between(said.start_t, until_t),
            goodbye=clip.goodbye,
        )
