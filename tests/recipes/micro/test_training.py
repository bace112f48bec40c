"""Training: its schedule, its checkpoints, and that it learns at all."""

from pathlib import Path

import pytest

pytest.importorskip("jax", reason="needs requirements-recipe.lock")

import jax
import numpy as np
from recipes.micro import training
from recipes.micro.parameters import Shape
from recipes.micro.shards import Clip, write_shard

TINY = Shape(width=32, heads=2, encoder_layers=1, decoder_layers=1, feed_forward=64)


@pytest.mark.parametrize(
    ("step", "spent_share", "expected"),
    [(0, 0.0, 0.005), (199, 0.0, 1.0), (10_000, 0.5, 0.505), (10_000, 1.0, 0.01)],
)
def test_the_learning_rate_warms_up_and_falls(step: int, spent_share: float, expected: float) -> None:
    """Up over 200 steps, down by a cosine over the time budget."""
    assert training.learning_rate(1.0, step, spent_share) == pytest.approx(expected)


@pytest.mark.usefixtures("espeak_ng")
def test_a_checkpoint_reads_back(tmp_path: Path) -> None:
    """Training goes on where it stopped, optimizer and averages included."""
    plan = training.TrainingPlan(tmp_path, tmp_path / "checkpoint.npz", budget_s=1, shape=TINY)
    state = training.load_state(plan)
    training.save_state(plan.checkpoint, state)
    again = training.load_state(plan)
    for before, after in zip(jax.tree.leaves(state), jax.tree.leaves(again), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.usefixtures("espeak_ng")
def test_training_without_a_corpus_says_what_to_do(tmp_path: Path) -> None:
    """The message names the folder and the step that fills it."""
    plan = training.TrainingPlan(tmp_path, tmp_path / "checkpoint.npz", budget_s=1, shape=TINY)
    with pytest.raises(FileNotFoundError, match="make a corpus first"):
        next(training.train(plan))


@pytest.mark.usefixtures("espeak_ng")
@pytest.mark.slow
def test_a_hundred_steps_learn_a_constant_answer(tmp_path: Path) -> None:
    """With a single text to learn, nearly every word is right in the second report."""
    features = np.random.default_rng(8).uniform(-1, 1, (80, 150)).astype(np.float32)
    clips = [Clip(features, "yes please", 0.1, 1.2, "none")] * 40
    write_shard(tmp_path / "shard-0000.npz", clips)
    plan = training.TrainingPlan(
        tmp_path, tmp_path / "checkpoint.npz", budget_s=300, learning_rate=0.04, shape=TINY
    )
    run = training.train(plan)
    first, second = next(run), next(run)
    assert (first.step, second.step) == (50, 100)
    assert second.loss < 0.5 * first.loss
    assert second.accuracy > 0.9
