"""G5: calls from the web page work: one tab, the same tab again, three tabs at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, NotMeasured, NotRun, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import StallLimits
from voicegate.measure.phases import cut_off, missing_part
from voicegate.measure.spoken_words import contains, errors_in, words
from voicegate.measure.stalls import Stall, explained_s
from voicegate.record.events import EARS, PageCall, Recording

CALLS = 5
"""One tab, the same again, and three."""

HEARD_S = 0.3
_MISHEARD_WORDS = 1
"""So many words of a code the gate's recognizer may get wrong: the other three show whose it is."""
_CONCEALED = 0.05
"""With more samples made up than this it is the machine, or the network, that cannot be understood: 8 % took three words of a good reply."""

_HOW_TO_CALL = "name the page as [page] in the gate file, put Chromium or Chrome on PATH, and run voicegate verify --scenario page"

_HELD_UP_S = 0.5
"""From so much on, a stall may have taken a word out of what was said or heard."""

CONNECTED, ANSWERED, HEARD, LEFT = (
    "calls that reached the agent",
    "calls whose reply has the code that was said",
    "calls whose reply was heard",
    "calls that ended when they were hung up",
)


def measure(recording: Recording, rules: RulesFor[StallLimits]) -> Conclusion:
    """Count the calls from the page that went well, of five; what failed only in calls that stalls held up shows nothing."""

    def count(part: Recording, _: RulesFor[StallLimits]) -> Conclusion:
        return _counted(part, recording.page_calls)

    return measure_undisturbed(count, recording, rules, without=_without_held_up)


def _without_held_up(recording: Recording, found: Sequence[Stall]) -> Recording:
    kept = (call for call in recording.page_calls if explained_s(call.began_t, call.t, found) < _HELD_UP_S)
    return replace(recording, page_calls=tuple(kept))


def _counted(recording: Recording, made: Sequence[PageCall]) -> Conclusion:
    """Count the recording's calls of those that were `made`, none of whose codes may be in another."""
    calls = recording.page_calls
    owed = CALLS - (len(made) - len(calls))
    if not recording.pages and not calls:
        raise missing_part(recording, "calls from a web page", advice=_HOW_TO_CALL)
    if skipped := next((page.skipped for page in recording.pages if page.skipped), None):
        raise NotRun(skipped, _HOW_TO_CALL)
    if problem := next((page.problem for page in recording.pages if page.problem), None):
        raise NotMeasured(problem, "see whether the browser runs on this machine, and run again")
    if len(calls) < owed and (caveats := cut_off(recording)):
        raise NotMeasured(f"{len(calls)} of {CALLS} calls: {caveats[0].reason}", caveats[0].advice)
    if not owed:
        raise NotMeasured("the machine stalled during every call", "run again on a quieter machine")
    language = language_of(recording)
    unmet = [unmet_by(call, made, language) for call in calls]
    return Conclusion(
        measurements=tuple(
            counted(what, sum(what not in missed for missed in unmet), owed, "calls", len(calls))
            for what in (CONNECTED, ANSWERED, HEARD, LEFT)
        ),
        evidence=tuple(_described(calls)),
        stability="counted, not sampled",
        caveats=tuple(_caveats(calls, language, str(recording.header.environment.get(EARS, "not named")))),
        met=f"{CALLS} calls from {_browser(recording)}: reached, answered, heard and ended",
    )


judge = Criterion(
    id="G5-voice-page",
    title="calls from the web page work",
    question="Does it work in a browser?",
    passes=(
        "one tab, the same tab again, and three tabs at once: each call is answered with its own code and "
        "heard, and its connections are closed when it hangs up"
    ),
    formula="calls from the page that went well = 5",
    how=(
        "A real browser opens the page that the gate file names. Each tab has a microphone of its own, "
        "which says a code when the agent is there and has been quiet for 0.8 s. One tab calls, hangs up "
        "and calls again; then three tabs call at once. Sound counts as heard if WebRTC received it above "
        "-50 dBFS while a player of the page was playing, for at least 0.3 s. The sound is recorded in "
        "the browser. The gate's own recognizer must understand the code in it (one word may be wrong), "
        "and must hear no other caller's code. If more than 5 % of the sound was lost or late, a code "
        "that is not understood says nothing about the page. If the page writes the reply down, the whole "
        "code must be in that text too. Otherwise the page is judged by its sound alone, and the result "
        "is an ERROR if the recognizer cannot write the reply's words or does not listen. After hanging "
        "up, every WebRTC connection of the tab must be closed. Calls that failed only during stalls of "
        "half a second or more are an ERROR. Without a browser, or without `[page]` in the gate file, G5 "
        "is not run."
    ),
    when_it_fails="look at the picture of each call that failed, and call from the page yourself",
    limits=StallLimits,
    measure=measure,
    owes=(CONNECTED, ANSWERED, HEARD, LEFT),
)


def language_of(recording: Recording) -> str:
    """Say what is spoken: what the callers of the scenario speak."""
    return recording.turns[0].language if recording.turns else "en"


def unmet_by(call: PageCall, calls: Sequence[PageCall], language: str) -> tuple[str, ...]:
    """List what a call from the page does not fulfil, of what is counted."""
    met = {
        CONNECTED: call.connected_s is not None,
        ANSWERED: _has_own_code(call, calls, language),
        HEARD: call.heard_s >= HEARD_S and _sounds_right(call, calls, language),
        LEFT: call.left,
    }
    return tuple(what for what, is_met in met.items() if not is_met)


def _has_own_code(call: PageCall, calls: Sequence[PageCall], language: str) -> bool:
    """Whether the reply has the code of this call and no other tab's; a page may still show what the tab's last call was about."""
    if call.answered_s is None:
        return False
    if call.reply_text is None:
        return _sounds_right(call, calls, language)
    said = words(call.reply_text, language)
    return contains(said, words(call.said_code, language)) and not _has_others_code(
        said, call, calls, language
    )


def _sounds_right(call: PageCall, calls: Sequence[PageCall], language: str) -> bool:
    """Whether the recognizer understood the code of this call and no other tab's, if it listened and could understand it."""
    if call.heard_text is None:
        return True
    heard = words(call.heard_text, language)
    understood = _is_understood(call, language) or _is_beyond_ears(call)
    return understood and not _has_others_code(heard, call, calls, language)


def _is_understood(call: PageCall, language: str) -> bool:
    heard, code = words(call.heard_text, language), words(call.said_code, language)
    return errors_in(heard, code) <= _MISHEARD_WORDS


def _is_beyond_ears(call: PageCall) -> bool:
    """Whether a code that was not understood says nothing about the page."""
    return not call.fits_ears or call.concealed_fraction > _CONCEALED


def _has_others_code(said: Sequence[str], call: PageCall, calls: Sequence[PageCall], language: str) -> bool:
    others = (words(other.said_code, language) for other in calls if other.tab != call.tab)
    return any(contains(said, code) for code in others)


def _caveats(calls: Sequence[PageCall], language: str, ears: str) -> Iterator[Caveat]:
    """Return a caveat for calls whose code could only be understood by ear, and was not."""
    by_ear = [call for call in calls if call.answered_s is not None and call.reply_text is None]
    deaf = sum(call.heard_text is None for call in by_ear)
    lost = [call for call in by_ear if call.heard_text is not None and not _is_understood(call, language)]
    unfit = sum(not call.fits_ears for call in lost)
    concealed = sum(call.fits_ears and call.concealed_fraction > _CONCEALED for call in lost)
    if deaf:
        reason = f"the page writes no reply down, and the gate's recognizer heard {len(by_ear) - deaf} of {len(by_ear)}"
        yield Caveat(
            reason,
            "name the element with the agent's words as [page] replied, or a [recognizer] model that is there",
        )
    if unfit:
        reason = f"the page writes no reply down, and the gate's recognizer ({ears}) may not know the words of {unfit} of {len(by_ear)}"
        yield Caveat(
            reason,
            'name the element with the agent\'s words as [page] replied, or set [recognizer] model to "packaged"',
        )
    if concealed:
        reason = f"more than {_CONCEALED:.0%} of the sound was lost or late in {concealed} of {len(by_ear)} calls whose code was not understood"
        yield Caveat(reason, "run again on a quieter machine")


def _described(calls: Sequence[PageCall]) -> Iterator[str]:
    for call in calls:
        yield f"{call.test}, tab {call.tab}: {_course(call)}"


def _course(call: PageCall) -> str:
    if call.problem:
        heard = "" if call.heard_text is None else f"; {call.heard_s:.1f} s heard, {_by_ear(call)}"
        return f"{call.problem}{heard}{_complaints(call)}"
    lost = f"{call.packets_lost} of {call.packets_lost + call.packets_received} packets lost"
    return (
        f"agent after {call.connected_s or 0:.1f} s, reply {call.answered_s or 0:.1f} s after the speech, {call.heard_s:.1f} s heard; "
        f"{lost}, {call.concealed_fraction:.1%} concealed, jitter {call.jitter_s * 1000:.0f} ms; {_by_ear(call)}{_complaints(call)}"
    )


def _by_ear(call: PageCall) -> str:
    return "not listened to" if call.heard_text is None else f"by ear {call.heard_text!r}"


def _complaints(call: PageCall) -> str:
    return f"; the page's own errors: {call.complaints[0]}" if call.complaints else ""


def _browser(recording: Recording) -> str:
    return next((page.browser for page in recording.pages if page.browser), None) or "a browser"
