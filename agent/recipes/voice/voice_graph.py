"""The voice as an ONNX graph with Piper's inputs and output: phoneme ids in, samples out.

    phoneme ids -> phone classes -> units -> cross-faded samples at a constant pitch -> pitch and tempo

The last step is pitch-synchronous overlap-add: grains of two periods are laid down at new distances, so the
melody and the tempo change while the formants, and with them the vowels, stay.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

from recipes.voice.diphones import SAMPLE_RATE_HZ
from recipes.voice.onnx_builder import GraphBuilder
from recipes.voice.phones import DARK_L, SILENCE, is_vowel, phone_classes
from recipes.voice.piper_config import class_of_id, phoneme_id_map
from recipes.voice.unit_table import UnitTable

PRODUCER = "voicegate diphone voice"
_END = 2**40
_TEMPO_LIMITS = (0.3, 4.0)


@dataclass(frozen=True, slots=True)
class Melody:
    """The pitch contour of a sentence, as fractions of the period (more is lower).

    `declination`: from the first to the last sample; `accent`: on stressed vowels; `fall`: at the end of a
    statement; `rise`: at the end of a question; `tail_s`: how long that end is, the closing pause (0.25 s) included.
    """

    declination: float = 0.16
    accent: float = 0.12
    fall: float = 0.10
    rise: float = 0.22
    tail_s: float = 0.35


FLAT = Melody(declination=0.0, accent=0.0, fall=0.0, rise=0.0)
"""No melody: at length scale 1 the output is the joined units, sample by sample."""


def build_voice_graph(table: UnitTable, period: int, melody: Melody) -> onnx.ModelProto:
    """Return the model that speaks `table`.

    Inputs: `input` int64 [1, phonemes], `input_lengths` int64 [1], `scales` float32 [3] (noise, length, noise
    width; only the length is used). Output: `output` float32 [1, 1, samples] at SAMPLE_RATE_HZ, peak below 1.
    """
    graph = GraphBuilder()
    ids = graph.slice(graph.flat("input"), 0, _END)
    units = _units(graph, _phones(graph, ids), table)
    samples, stressed = _join(graph, units, table, period)
    spoken = _speak(graph, samples, stressed, ids, period, melody)
    gain = graph.constant(0.7, np.float32)
    graph.add(
        "Reshape", graph.add("Mul", spoken, gain), graph.constant([1, 1, -1], np.int64), output="output"
    )
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])]
    return graph.model("diphone_voice", inputs, outputs, PRODUCER)


def _phones(graph: GraphBuilder, ids: str) -> str:
    """Return the phone class of each id that speaks, silence at both ends."""
    table = class_of_id()
    classes = phone_classes()
    index = {phone: i for i, phone in enumerate(classes)}
    last_id = graph.constant(len(table) - 1, np.int64)
    known = graph.add("Clip", ids, graph.constant(0, np.int64), last_id)
    phones = graph.add("Gather", graph.constant(table, np.int64), known)
    speaks = graph.add("GreaterOrEqual", phones, graph.constant(0, np.int64))
    phones = graph.add("Compress", phones, speaks, axis=0)
    silence = graph.constant([index[SILENCE]], np.int64)
    following = graph.slice(graph.add("Concat", phones, silence, axis=0), 1, _END)
    before_vowel = graph.add("Gather", graph.constant([is_vowel(p) for p in classes], np.bool_), following)
    coda = [index[DARK_L] if phone == "l" else i for i, phone in enumerate(classes)]
    in_coda = graph.add("Gather", graph.constant(coda, np.int64), phones)
    phones = graph.add("Where", before_vowel, phones, in_coda)
    return graph.add("Concat", silence, silence, phones, silence, silence, axis=0)


def _units(graph: GraphBuilder, phones: str, table: UnitTable) -> str:
    """Return the unit of each pair of neighboring phones."""
    left = graph.add("Mul", graph.slice(phones, 0, -1), graph.constant(len(phone_classes()), np.int64))
    row = graph.add("Add", left, graph.slice(phones, 1, _END))
    units = graph.flat(graph.add("Gather", graph.constant(table.pair_units, np.int64), row))
    return graph.add(
        "Compress", units, graph.add("GreaterOrEqual", units, graph.constant(0, np.int64)), axis=0
    )


def _join(graph: GraphBuilder, units: str, table: UnitTable, period: int) -> tuple[str, str]:
    """Return the units one after another, each cross-faded into the next over a period, and where stress is.

    Both are float32 [samples]; the stress is 1 in the units of stressed vowels.
    """
    one, width = graph.constant(1, np.int64), graph.constant(period, np.int64)
    offsets = graph.add("Gather", graph.constant(table.offsets, np.int64), units)
    hops = graph.add("Gather", graph.constant(table.hops, np.int64), units)
    ends = graph.add("CumSum", hops, graph.constant(0, np.int64))
    starts = graph.add("Sub", ends, hops)
    total = graph.add("ReduceMax", ends, keepdims=0)
    # Which unit a sample belongs to: count the starts up to it.
    silence = graph.filled(graph.flat(total), 0, np.int64)
    ones = graph.filled(graph.add("Shape", starts), 1, np.int64)
    marks = graph.add("ScatterElements", silence, starts, ones, axis=0)
    unit = graph.add("Sub", graph.add("CumSum", marks, graph.constant(0, np.int64)), one)
    position = graph.add("Sub", graph.arange(total), graph.add("Gather", starts, unit))
    here = graph.add("Add", graph.add("Gather", offsets, unit), position)
    before = graph.add("Max", graph.add("Sub", unit, one), graph.constant(0, np.int64))
    tails = graph.add("Gather", graph.add("Add", offsets, hops), before)
    tail = graph.add("Add", tails, graph.add("Min", position, graph.constant(period - 1, np.int64)))
    codes, levels = graph.constant(table.codes, np.uint8), graph.constant(table.levels, np.float32)
    level_here, level_tail = (
        graph.add("Gather", levels, graph.integer(graph.add("Gather", codes, index)))
        for index in (here, tail)
    )
    weight = graph.add("Div", graph.real(graph.add("Min", position, width)), graph.real(width))
    difference = graph.add("Sub", level_here, level_tail)
    joined = graph.add("Add", level_tail, graph.add("Mul", weight, difference))
    stress = graph.add("Gather", graph.add("Gather", graph.constant(table.stressed, np.float32), units), unit)
    return joined, stress


def _speak(graph: GraphBuilder, samples: str, stressed: str, ids: str, period: int, melody: Melody) -> str:
    """Return `samples` with the melody and the requested tempo, float32 [output samples]."""
    total = graph.scalar(graph.add("Shape", samples))
    period_f = graph.constant(period, np.float32)
    tempo = graph.scalar(graph.slice("scales", 1, 2))
    tempo = graph.add("Clip", tempo, *(graph.constant(limit, np.float32) for limit in _TEMPO_LIMITS))
    length = graph.add("Div", graph.add("Mul", graph.real(total), tempo), period_f)
    pulses = graph.integer(graph.add("Ceil", length))
    pulse = graph.real(graph.arange(pulses))
    # Each output pulse repeats the nearest input pulse; both streams count periods of the source.
    source = graph.integer(graph.add("Round", graph.add("Div", pulse, tempo)))
    source = graph.add("Mul", source, graph.constant(period, np.int64))
    source = graph.add("Min", source, graph.add("Sub", total, graph.constant(1, np.int64)))
    contour = _contour(graph, pulse, pulses, graph.add("Gather", stressed, source), ids, period, melody)
    periods = graph.add("Mul", graph.add("Add", contour, graph.constant(1, np.float32)), period_f)
    marks = graph.add("CumSum", periods, graph.constant(0, np.int64), exclusive=1)
    return _overlap_add(graph, samples, source, graph.integer(graph.add("Round", marks)), period)


def _contour(
    graph: GraphBuilder, pulse: str, pulses: str, stressed: str, ids: str, period: int, melody: Melody
) -> str:
    """Return how much longer than `period` each period is, as a fraction of it, float32 [pulses]."""
    count = graph.real(pulses)
    progress = graph.add("Sub", graph.add("Div", pulse, count), graph.constant(0.5, np.float32))
    declination = graph.add("Mul", progress, graph.constant(melody.declination, np.float32))
    window = 2 * round(0.06 * SAMPLE_RATE_HZ / period) + 1
    stressed = graph.add("Reshape", stressed, graph.constant([1, 1, -1], np.int64))
    smooth = graph.flat(
        graph.add("AveragePool", stressed, kernel_shape=[window], pads=[window // 2, window // 2])
    )
    accent = graph.add("Mul", smooth, graph.constant(melody.accent, np.float32))
    tail = graph.constant(melody.tail_s * SAMPLE_RATE_HZ / period, np.float32)
    into_tail = graph.add("Div", graph.add("Add", graph.add("Sub", pulse, count), tail), tail)
    into_tail = graph.add("Relu", into_tail)
    question = graph.constant(phoneme_id_map()["?"][0], np.int64)
    is_question = graph.real(graph.add("Equal", ids, question))
    is_question = graph.add("ReduceMax", is_question, keepdims=0)
    rise = graph.add("Mul", is_question, graph.constant(melody.fall + melody.rise, np.float32))
    bend = graph.add("Sub", graph.constant(melody.fall, np.float32), rise)
    ending = graph.add("Mul", bend, graph.add("Mul", into_tail, into_tail))
    return graph.add("Add", graph.add("Sub", declination, accent), ending)


def _overlap_add(graph: GraphBuilder, samples: str, source: str, marks: str, period: int) -> str:
    """Lay the grain around each of `source` down around each of `marks`; both int64 [pulses] sample indices."""
    width = 2 * period
    axis = graph.constant([1], np.int64)
    inside = graph.constant(np.arange(width)[None, :], np.int64)
    margins = graph.constant([period, width], np.int64)
    padded = graph.add("Pad", samples, margins)
    grains = graph.add("Gather", padded, graph.add("Add", graph.add("Unsqueeze", source, axis), inside))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width)
    grains = graph.add("Mul", grains, graph.constant(window, np.float32))
    length = graph.add("Add", graph.slice(marks, -1, _END), graph.constant([width], np.int64))
    positions = graph.add("Add", graph.add("Unsqueeze", marks, axis), inside)
    spoken = graph.add(
        "ScatterElements",
        graph.filled(length, 0, np.float32),
        graph.flat(positions),
        graph.flat(grains),
        axis=0,
        reduction="add",
    )
    return graph.slice(spoken, period, _END)
