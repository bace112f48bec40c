"""The model's tokens, in Whisper's order: words, special tokens, timestamps.

faster-whisper finds the special tokens by name, and takes every id after `<|notimestamps|>` for a
timestamp of 0.02 s. A word is spelled with the byte-level marker of a leading space.
"""

from recipes.micro.vocabulary import WORDS

SPACE = "\u0120"
_SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
_TIMESTAMPS = tuple(f"<|{n * 0.02:.2f}|>" for n in range(1501))

TOKENS = ("<unk>", *(SPACE + word for word in WORDS), *_SPECIAL, *_TIMESTAMPS)
IDS = {token: number for number, token in enumerate(TOKENS)}

END = IDS["<|endoftext|>"]
START = IDS["<|startoftranscript|>"]
NO_SPEECH = IDS["<|nospeech|>"]
NO_TIMESTAMPS = IDS["<|notimestamps|>"]
FIRST_TIMESTAMP = NO_TIMESTAMPS + 1
SPECIAL_TOKENS = TOKENS[END:]


def word_ids(text: str) -> list[int]:
    """Token ids of a text of known words; KeyError names a word outside the vocabulary."""
    return [IDS[SPACE + word] for word in text.split()]


def timestamp_id(time_s: float) -> int:
    """Give the timestamp token at or before a time, in steps of 0.1 s."""
    return FIRST_TIMESTAMP + 5 * int(time_s * 10 + 1e-6)
