"""When a turn begins, is to be heard, and is over."""

from collections.abc import Iterator

import pytest
from voicegate_agent.speech.turn import WINDOW_S, WINDOW_SAMPLES, Step, Turn, TurnLimits

SPEECH, SILENCE = 0.9, 0.1
WAITS_S = {"": 0.0, "done": 0.2, "my code is": 1.0}


def is_over(one: Turn) -> bool:
    """Ask anew."""
    return one.over


def window(number: int = 0) -> bytes:
    """Give a window that can be told from others."""
    return number.to_bytes(2, "little") * WINDOW_SAMPLES


def turn(limits: TurnLimits | None = None) -> Turn:
    """Have a turn that waits as long as the words say."""
    return Turn(WAITS_S.__getitem__, limits)


def listen(to: Turn, probability: float, seconds: float) -> list[Step]:
    """Hear the same for so long."""
    return [to.listen(window(), probability) for _ in range(round(seconds / WINDOW_S))]


def steps(found: list[Step], what: str) -> Iterator[int]:
    """Give the numbers of the steps in which something happened."""
    return (number for number, step in enumerate(found) if getattr(step, what))


def test_a_turn_begins_with_two_windows_of_speech() -> None:
    """One may be a click; what came shortly before belongs to the turn."""
    one = turn()
    listen(one, SILENCE, 1.0)
    one.listen(window(), SPEECH)
    one.listen(window(), SILENCE)
    assert not one.active
    assert list(steps(listen(one, SPEECH, 0.32), "began")) == [1]
    heard = next(step.hear for step in listen(one, SILENCE, 0.1) if step.hear)
    assert len(heard) / 2 / 16_000 == pytest.approx(0.3 - 0.064 + 0.32 + 0.096, abs=0.03)


def test_a_turn_is_heard_after_a_tenth_of_a_second() -> None:
    """Once for each pause."""
    one = turn()
    listen(one, SPEECH, 0.5)
    found = listen(one, SILENCE, 1.0)
    assert list(steps(found, "hear")) == [2]
    found = [*listen(one, SPEECH, 0.2), *listen(one, SILENCE, 0.2)]
    assert list(steps(found, "resumed")) == [0]
    assert len(list(steps(found, "hear"))) == 1


@pytest.mark.parametrize("text", WAITS_S)
def test_the_words_say_how_long_is_waited(text: str) -> None:
    """And without words nothing is over."""
    one = turn()
    listen(one, SPEECH, 0.5)
    listen(one, SILENCE, 0.128)
    assert not is_over(one)
    one.heard(text)
    waited_s = 0.128
    while not is_over(one):
        one.listen(window(), SILENCE)
        waited_s += WINDOW_S
    assert waited_s == pytest.approx(max(0.128, WAITS_S[text]), abs=WINDOW_S)


def test_words_do_not_count_when_the_caller_went_on() -> None:
    """They are not all that is said."""
    one = turn()
    listen(one, SPEECH, 0.5)
    listen(one, SILENCE, 0.128)
    listen(one, SPEECH, 0.1)
    one.heard("done")
    listen(one, SILENCE, 0.064)
    assert not is_over(one)


def test_of_a_long_pause_only_a_part_is_heard() -> None:
    """Recognizers lose words around long silences, and take longer; the next word may begin softly, so its begin is kept."""
    one = turn()
    listen(one, SPEECH, 0.32)
    listen(one, SILENCE, 1.28)
    soft = [window(number) for number in range(7, 10)]
    for part in soft:
        one.listen(part, SILENCE)
    listen(one, SPEECH, 0.32)
    heard = next(step.hear for step in listen(one, SILENCE, 0.1) if step.hear)
    assert len(heard) / 2 / 16_000 == pytest.approx(0.32 + 0.4 + 0.3 + 0.32 + 0.096, abs=2 * WINDOW_S)
    assert b"".join(soft) in heard


def test_the_next_turn_has_nothing_of_the_last_one() -> None:
    """The silence between belongs to the one that it leads to."""
    one = turn()
    for _ in range(20):
        one.listen(window(1), SPEECH)
    for _ in range(4):
        one.listen(window(2), SILENCE)
    one.end()
    for _ in range(2):
        one.listen(window(3), SPEECH)
    heard = [one.listen(window(4), SILENCE).hear for _ in range(3)][-1]
    assert heard == window(2) * 4 + window(3) * 2 + window(4) * 3


@pytest.mark.parametrize(
    ("pause", "cut_after_s"),
    [(False, 25.0), (True, 15.0)],
)
def test_a_monologue_is_cut(pause: bool, cut_after_s: float) -> None:
    """At a window of silence from 15 s on, at 25 s wherever it is; nothing of it is lost."""
    one, recorded = turn(), 0
    for number in range(round(40 / WINDOW_S)):
        step = one.listen(window(), SILENCE if pause and number % 20 == 0 else SPEECH)
        recorded += 1
        if step.cut:
            assert recorded * WINDOW_S == pytest.approx(cut_after_s, abs=20 * WINDOW_S)
            assert len(step.cut) == len(window()) * recorded
            recorded = 0
    assert one.active
    assert recorded * WINDOW_S < 15.1
