"""Scripts of calls, as data."""

from collections import Counter

from voicegate.drive.scenario import SCENARIOS, Calls
from voicegate.drive.script import ScriptStep, expected_s, kinds, vanishes


def test_what_a_step_is_for() -> None:
    """It follows from what it does, and from whether the next one speaks into its reply."""
    script = (
        ScriptStep("code"),
        ScriptStep("code"),
        ScriptStep("code", into_reply_s=0.4),
        ScriptStep("code", pause_s=0.5),
        ScriptStep(sound="music", for_s=5),
        ScriptStep("code"),
        ScriptStep(sound="cough", for_s=0.4, into_reply_s=0.4),
    )
    assert kinds(script) == ("turn", "opening", "interruption", "pause", "quiet", "opening", "disturbance")
    assert kinds(
        (ScriptStep(writes="hello"), ScriptStep(muted=True, for_s=1), ScriptStep(leaves="vanish"))
    ) == (*("message", "quiet", "vanish"),)
    assert vanishes((ScriptStep("code"), ScriptStep(leaves="vanish")))
    assert not vanishes((ScriptStep("code"), ScriptStep(leaves="hang_up")))
    assert kinds(()) == ()
    assert expected_s(()) == 0


def test_the_conversation_has_everything_within_90_seconds() -> None:
    """Noises, an interruption, pauses of half a second, 20 s of quiet, and a plain turn after each group of them."""
    (calls,) = (step for step in SCENARIOS["conversation"].steps if isinstance(step, Calls))
    script = calls.script
    count = Counter(kinds(script))
    assert count == {"opening": 4, "disturbance": 3, "turn": 4, "interruption": 1, "pause": 2, "quiet": 4}
    assert sum(step.for_s for step in script if step.into_reply_s is None) == 20
    assert {step.pause_s for step in script} == {0.0, 0.5}
    assert kinds(script)[-1] == "turn"
    assert expected_s(script) < 90
