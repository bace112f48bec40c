"""The Piper side of the voice: phoneme ids, which phoneme clusters get one, and the class each id speaks."""

import importlib.metadata

from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from recipes.voice.phones import (
    CONSONANTS,
    FOREIGN,
    SILENCE,
    STRESS,
    UNSTRESSED_ONLY,
    VOWELS,
    phone_classes,
)

SILENT = -1
"""What `class_of_id` says for ids that speak nothing: padding, spaces, lone stress marks."""

_SECONDARY_STRESS = "ˌ"
_PAUSES = {",": 4, ";": 4, ":": 4, ".": 3, "!": 3, "?": 3}  # punctuation -> phones of silence


def phoneme_clusters() -> list[str]:
    """Return the strings of several characters that Piper shall send as one phoneme.

    They are the long and rhotic vowels and diphthongs, each vowel with its stress mark, and the consonants that
    IPA writes with two characters. Syllabic consonants are as NFD leaves them.
    """
    vowels = {*VOWELS, *(v for v in FOREIGN if FOREIGN[v] in VOWELS)}
    stressed = {mark + vowel for vowel in vowels for mark in (STRESS, _SECONDARY_STRESS)}
    return sorted(cluster for cluster in vowels | stressed | set(CONSONANTS) if len(cluster) > 1)


def phoneme_id_map() -> dict[str, list[int]]:
    """Return Piper's own id map plus an id for each cluster; punctuation repeats its id to pause longer."""
    ids = {phoneme: list(values) for phoneme, values in DEFAULT_PHONEME_ID_MAP.items()}
    following = max(values[0] for values in ids.values()) + 1
    for cluster in phoneme_clusters():
        if cluster not in ids:
            ids[cluster] = [following]
            following += 1
    for mark, length in _PAUSES.items():
        ids[mark] = ids[mark][:1] * length
    return ids


def class_of_id() -> list[int]:
    """Return, for each phoneme id, the index of its phone class or `SILENT`."""
    ids = phoneme_id_map()
    table = [SILENT] * (1 + max(values[0] for values in ids.values()))
    index = {phone: i for i, phone in enumerate(phone_classes())}
    for phoneme, values in ids.items():
        if phoneme in _PAUSES:
            table[values[0]] = index[SILENCE]
        elif phoneme != SILENCE:  # Piper's "_" is padding between phonemes
            table[values[0]] = index.get(_class_of(phoneme), SILENT)
    return table


def voice_config(period: int, sample_rate_hz: int) -> dict[str, object]:
    """Return the content of `voice.onnx.json`."""
    return {
        "audio": {"sample_rate": sample_rate_hz, "quality": "low"},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": phoneme_id_map(),
        "vowel_clusters": [list(cluster) for cluster in phoneme_clusters()],
        "num_symbols": len(class_of_id()),
        "num_speakers": 1,
        "speaker_id_map": {},
        "hop_length": period,
        "piper_version": importlib.metadata.version("piper-tts"),
    }


def _class_of(phoneme: str) -> str:
    plain = phoneme.removeprefix(STRESS).removeprefix(_SECONDARY_STRESS)
    spoken = FOREIGN.get(plain, plain)
    if plain == phoneme or spoken in UNSTRESSED_ONLY or spoken not in VOWELS:
        return spoken
    return STRESS + spoken
