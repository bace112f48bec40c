"""G5: calls from the web page work: one tab, the same tab again, three tabs at once."""

from collections.abc import Callable, Iterator, Sequence

from voicegate.judge.criterion import Conclusion, Criterion, CriterionLimits, NotMeasured, NotRun, RulesFor
from voicegate.judge.finding import counted
from voicegate.measure.phases import cut_off, missing_part
from voicegate.measure.spoken_words import contains, words
from voicegate.record.events import PageCall, Recording

CALLS = 5
"""One tab, the same again, and three."""

HEARD_S = 0.3

CONNECTED, ANSWERED, HEARD, LEFT = (
    "calls that reached the agent",
    "calls whose reply has the code that was said",
    "calls whose reply was heard",
    "calls that ended when they were hung up",
)


def measure(recording: Recording, _: RulesFor[CriterionLimits]) -> Conclusion:
    """Count the calls from the page that went well, of five."""
    calls = recording.page_calls
    if not recording.pages and not calls:
        raise missing_part(recording, "calls from a web page")
    if skipped := next((page.skipped for page in recording.pages if page.skipped), None):
        raise NotRun(skipped)
    if problem := next((page.problem for page in recording.pages if page.problem), None):
        raise NotMeasured(problem, "see whether the browser runs on this machine, and run again")
    if len(calls) < CALLS and (doubts := cut_off(recording)):
        raise NotMeasured(f"{len(calls)} of {CALLS} calls: {doubts[0].reason}", doubts[0].advice)
    language = recording.turns[0].language if recording.turns else "en"
    checks: tuple[tuple[str, Callable[[PageCall], bool]], ...] = (
        (CONNECTED, lambda call: call.connected_s is not None),
        (ANSWERED, lambda call: _has_own_code(call, calls, language)),
        (HEARD, lambda call: call.heard_s >= HEARD_S),
        (LEFT, lambda call: call.left),
    )
    return Conclusion(
        measurements=tuple(
            counted(what, sum(is_well(call) for call in calls), CALLS, "calls", len(calls))
            for what, is_well in checks
        ),
        evidence=tuple(_described(calls)),
        stability="counted, not sampled",
        met=f"{CALLS} calls from {_browser(recording)}: reached, answered, heard and ended",
        advice="look at the picture of each call that failed, and call from the page yourself",
    )


judge = Criterion(
    id="G5-voice-page",
    title="calls from the web page work",
    question="Does it work in a browser?",
    passes="one tab, the same tab again, and three tabs at once: each is answered with its own code, heard, and gone when it hangs up",
    how="A real browser opens the page that the gate file names, in tabs of its own, with a microphone that says a code when the agent is there and has greeted: when it was quiet for 0.8 s. One tab calls "
    "and hangs up, calls again, and then three tabs call at once. Sound counts as heard where WebRTC received it above -50 dBFS while a player of the page was "
    "playing; at least 0.3 s. Of a page that writes the reply down, the code must be in it and no other caller's; of one that does not, sound is enough. After hanging up, "
    "every WebRTC connection of the tab must be closed. Without a browser, or without [page] in the gate file, it is not run.",
    limits=CriterionLimits,
    measure=measure,
    owes=(CONNECTED, ANSWERED, HEARD, LEFT),
)


def _has_own_code(call: PageCall, calls: Sequence[PageCall], language: str) -> bool:
    """Whether the reply has the code of this call and no other tab's; a page may still show what the tab's last call was about."""
    if call.answered_s is None:
        return False
    if call.reply_text is None:
        return True
    said = words(call.reply_text, language)
    others = [other.said_code for other in calls if other.tab != call.tab]
    return contains(said, words(call.said_code, language)) and not any(
        contains(said, words(code, language)) for code in others
    )


def _described(calls: Sequence[PageCall]) -> Iterator[str]:
    for call in calls:
        yield f"{call.test}, tab {call.tab}: {_course(call)}"


def _course(call: PageCall) -> str:
    if call.problem:
        return f"{call.problem}{_complaints(call)}"
    lost = f"{call.packets_lost} of {call.packets_lost + call.packets_received} packets lost"
    return (
        f"agent after {call.connected_s or 0:.1f} s, reply {call.answered_s or 0:.1f} s after the speech, {call.heard_s:.1f} s heard; "
        f"{lost}, {call.concealed_fraction:.1%} concealed, jitter {call.jitter_s * 1000:.0f} ms{_complaints(call)}"
    )


def _complaints(call: PageCall) -> str:
    return f"; the page's own errors: {call.complaints[0]}" if call.complaints else ""


def _browser(recording: Recording) -> str:
    return next((page.browser for page in recording.pages if page.browser), None) or "a browser"
