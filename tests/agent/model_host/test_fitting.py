"""Which contexts a model hears with."""

import pytest
from voicegate_agent.host_settings import FitContext
from voicegate_agent.model_host.fitting import (
    BASE,
    FULL_FRAMES,
    MEASURED,
    TRAINED_SHORT,
    Fitting,
    chosen_fitting,
    fitted_frames,
)
from voicegate_agent.models import profiles
from voicegate_agent.models.packaged.packages import TINY_EN, WHISPER_BASE


@pytest.mark.parametrize(
    ("duration_s", "frames"), [(0, 240), (0.1, 240), (1.8, 240), (1.81, 260), (2.0, 260), (29.4, 3000)]
)
def test_the_context_is_the_utterance_and_a_margin(duration_s: float, frames: int) -> None:
    """At least as many frames as are asked for, at least 60 behind the speech, in steps of 20."""
    assert fitted_frames(round(duration_s * 16_000), 240) == frames


@pytest.mark.parametrize(
    ("frames", "wider"), [(240, 500), (499, 500), (500, 1500), (1500, None), (2000, None)]
)
def test_the_next_context_is_wider(frames: int, wider: int | None) -> None:
    """One that is no wider than what was heard would hear the same."""
    assert Fitting(contexts=(500, 1500)).wider(frames) == wider


def test_only_measured_models_are_fitted_by_themselves() -> None:
    """Of others nobody knows whether they would loop; who wants it all the same gets the careful way."""
    assert chosen_fitting(FitContext.AUTO, None) is None
    assert chosen_fitting(FitContext.ON, None) is BASE
    assert chosen_fitting(FitContext.AUTO, TRAINED_SHORT) is TRAINED_SHORT
    assert chosen_fitting(FitContext.OFF, TRAINED_SHORT) is None


def test_measured_models_are_models_of_profiles() -> None:
    """Their names are spelled as the profiles do, their contexts go from narrow to wide, within the full one."""
    names = {profiles.MICRO_NAME, profiles.REHEARSAL_NAME, WHISPER_BASE.name, TINY_EN.name}
    assert set(MEASURED) <= names
    for fitting in MEASURED.values():
        assert sorted(fitting.contexts) == [*fitting.contexts]
        assert max(fitting.contexts) < FULL_FRAMES
        assert max(fitting.contexts) <= fitting.longest <= FULL_FRAMES


def test_real_models_are_fitted_up_to_their_widest_context() -> None:
    """What was measured were short sentences; in longer speech they may stop before its end."""
    for fitting in (BASE, MEASURED[TINY_EN.name]):
        assert fitting.longest == fitting.contexts[-1]
