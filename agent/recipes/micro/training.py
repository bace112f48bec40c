"""Trains the network for a fixed time, and survives being stopped.

The learning rate follows a cosine over the time budget, not over a number of steps, so training
ends on time however busy the machine is. Shards that appear while it runs join in.
"""

import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from optax.contrib import MuonDimensionNumbers, muon

from recipes.micro import network, tokens
from recipes.micro.batches import Batch, Corpus, batches
from recipes.micro.network import Parameters
from recipes.micro.parameters import Shape, Weights, initial_parameters
from recipes.micro.phonemes import BLANK, phoneme_count

_WARM_UP_STEPS = 200
_AVERAGE_DECAY = 0.9985
_PHONEME_WEIGHT = 0.5
_REFRESH_S = 60
_CHECKPOINT_S = 180
_REPORT_STEPS = 50


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How to train: the corpus folder, where the state is kept, and for how long."""

    corpus: Path
    checkpoint: Path
    budget_s: float
    learning_rate: float = 1.5e-3
    seed: int = 0
    shape: Shape = field(default_factory=Shape)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training is: losses are means over the steps since the last report."""

    step: int
    spent_s: float
    shards: int
    loss: float
    phoneme_loss: float
    accuracy: float
    step_s: float


@jax.tree_util.register_dataclass
@dataclass(frozen=True, slots=True)
class State:
    """Everything that a checkpoint keeps, as arrays."""

    parameters: Parameters
    average: Parameters
    """Exponential moving average of the parameters: what is exported."""
    optimizer: Any
    step: Array
    spent_s: Array


def train(plan: TrainingPlan) -> Iterator[Progress]:
    """Train from the checkpoint, or from scratch without one, until the budget is spent."""
    state = load_state(plan)
    corpus = Corpus(plan.corpus)
    shards = corpus.refresh()
    if not any(corpus.clips):
        raise FileNotFoundError(f"no shard-*.npz in {plan.corpus}: make a corpus first")
    feed = _prefetched(batches(corpus, random.Random()))
    begin = time.monotonic() - float(state.spent_s)
    refreshed = saved = reported = time.monotonic()
    measured: list[Array] = []
    while (spent_s := time.monotonic() - begin) < plan.budget_s:
        rate = learning_rate(plan.learning_rate, int(state.step), spent_s / plan.budget_s)
        state, losses = _step(state, next(feed), rate, plan.shape)
        measured.append(losses)
        now = time.monotonic()
        if len(measured) == _REPORT_STEPS:
            loss, phoneme_loss, accuracy = np.mean(np.asarray(measured), axis=0).tolist()
            step_s = (now - reported) / len(measured)
            yield Progress(int(state.step), spent_s, shards, loss, phoneme_loss, accuracy, step_s)
            measured, reported = [], now
        if now - refreshed > _REFRESH_S:
            shards, refreshed = corpus.refresh(), now
        if now - saved > _CHECKPOINT_S:
            save_state(plan.checkpoint, _at(state, spent_s))
            saved = now
    save_state(plan.checkpoint, _at(state, plan.budget_s))


def learning_rate(peak: float, step: int, spent_share: float) -> float:
    """Warm up over 200 steps; then a cosine from `peak` to 1 % of it as the budget is spent."""
    warm_up = min(1.0, (step + 1) / _WARM_UP_STEPS)
    return float(peak * warm_up * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * spent_share))))


def trained_weights(checkpoint: Path) -> tuple[Weights, Shape]:
    """Read the averaged weights of a checkpoint of the default shape, by CTranslate2's names."""
    plan = TrainingPlan(corpus=checkpoint.parent, checkpoint=checkpoint, budget_s=0)
    average = load_state(plan).average
    return {name: np.asarray(value) for name, value in average.items()}, plan.shape


def load_state(plan: TrainingPlan) -> State:
    """Read the state in the plan's checkpoint file, or a fresh one."""
    start = initial_parameters(plan.shape, len(tokens.TOKENS), phoneme_count(), plan.seed)
    parameters = {name: jnp.asarray(value) for name, value in start.items()}
    average = {name: jnp.array(value) for name, value in start.items()}
    optimizer = _optimizer().init(parameters)
    fresh = State(parameters, average, optimizer, jnp.zeros((), int), jnp.zeros(()))
    if not plan.checkpoint.exists():
        return fresh
    with np.load(plan.checkpoint) as stored:
        leaves = [jnp.asarray(stored[f"arr_{n}"]) for n in range(len(stored.files))]
    state: State = jax.tree.unflatten(jax.tree.structure(fresh), leaves)
    return state


def save_state(path: Path, state: State) -> None:
    """Write a checkpoint; the file is replaced at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, *[np.asarray(leaf) for leaf in jax.tree.leaves(state)])
    unfinished.replace(path)


def _optimizer() -> optax.GradientTransformation:
    """Muon for matrices and convolutions, Adam for the rest; the step's rate is applied later.

    In one trial from a common checkpoint, 100 steps of Muon went as far as about 170 of Adam.
    """
    steepest = muon(
        1.0,
        weight_decay=0.01,
        adam_b2=0.98,
        adam_weight_decay=0.01,
        muon_weight_dimension_numbers=_muon_dimensions,
        consistent_rms=0.3,
    )
    return optax.chain(optax.clip_by_global_norm(1.0), steepest, optax.scale(-1.0))


def _muon_dimensions(parameters: Parameters) -> dict[str, MuonDimensionNumbers | None]:
    """Tell input axes from output axes, for the parameters that Muon is meant for."""
    linear = MuonDimensionNumbers(reduction_axis=1, output_axis=0)
    convolution = MuonDimensionNumbers(reduction_axis=(1, 2), output_axis=0)
    kinds = {"/linear_": linear, "/conv": convolution}
    return {
        name: next((axes for kind, axes in kinds.items() if kind in name and name.endswith("weight")), None)
        for name in parameters
    }


@partial(jax.jit, static_argnames="shape", donate_argnames="state")
def _step(state: State, batch: Batch, rate: float, shape: Shape) -> tuple[State, Array]:
    gradients, losses = jax.grad(_loss, has_aux=True)(state.parameters, batch, shape)
    updates, optimizer = _optimizer().update(gradients, state.optimizer, state.parameters)
    parameters = jax.tree.map(lambda p, u: p - rate * u, state.parameters, updates)
    decay = jnp.minimum(_AVERAGE_DECAY, (1 + state.step) / (10 + state.step))
    average = jax.tree.map(lambda old, new: decay * old + (1 - decay) * new, state.average, parameters)
    return State(parameters, average, optimizer, state.step + 1, state.spent_s), losses


def _loss(parameters: Parameters, batch: Batch, shape: Shape) -> tuple[Array, Array]:
    """Cross-entropy of the tokens plus CTC of the phonemes; and [token, phoneme, accuracy]."""
    features, padding = jnp.asarray(batch.features), jnp.asarray(batch.padding)
    encoded, bias = network.encode(parameters, shape, features, padding)
    logits = network.decode(parameters, shape, encoded, bias, jnp.asarray(batch.inputs))
    entropy = optax.softmax_cross_entropy_with_integer_labels(logits, batch.targets)
    token_loss = (entropy * batch.weights).sum() / batch.weights.sum()
    heard = network.phoneme_logits(parameters, encoded[:, :-1])
    ctc = optax.ctc_loss(heard, batch.silent_positions, batch.phonemes, batch.phoneme_gaps, blank_id=BLANK)
    phoneme_loss = (ctc / jnp.maximum((1 - batch.phoneme_gaps).sum(1), 4)).mean()
    counted = batch.weights > 0.9
    right = (logits.argmax(-1) == batch.targets) & counted
    accuracy = right.sum() / counted.sum()
    return token_loss + _PHONEME_WEIGHT * phoneme_loss, jnp.stack([token_loss, phoneme_loss, accuracy])


def _at(state: State, spent_s: float) -> State:
    return State(state.parameters, state.average, state.optimizer, state.step, jnp.asarray(spent_s))


def _prefetched(source: Iterator[Batch]) -> Iterator[Batch]:
    """Prepare batches in a thread, a few ahead."""
    ready: queue.Queue[Batch] = queue.Queue(4)

    def prepare() -> None:
        for batch in source:
            ready.put(batch)

    threading.Thread(target=prepare, name="batches", daemon=True).start()
    while True:
        yield ready.get()
