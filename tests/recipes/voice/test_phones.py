"""The phone inventory, the carriers and Piper's ids agree with each other."""

from recipes.voice.carriers import carriers, wanted_pairs
from recipes.voice.phones import (
    CONSONANTS,
    FOREIGN,
    SILENCE,
    STRESS,
    SUBSTITUTES,
    VOWELS,
    alternatives,
    phone_classes,
)
from recipes.voice.piper_config import SILENT, class_of_id, phoneme_clusters, phoneme_id_map


def test_substitutes_are_phones() -> None:
    """What stands in for a phone, or for a foreign one, is a phone of the voice."""
    known = {*VOWELS, *CONSONANTS}
    assert set(SUBSTITUTES.values()) | set(FOREIGN.values()) <= known
    assert not set(FOREIGN) & known


def test_a_phone_is_its_own_best_alternative() -> None:
    """Alternatives begin with the phone at no cost and are all classes."""
    for phone in phone_classes():
        found = alternatives(phone)
        assert found[0] == (0.0, phone)
        assert {candidate for _, candidate in found} <= set(phone_classes())


def test_no_pair_is_wanted_twice() -> None:
    """Each diphone is recorded once."""
    pairs = wanted_pairs()
    assert len(set(pairs)) == len(pairs)


def test_every_vowel_begins_ends_and_meets_every_common_consonant() -> None:
    """The pairs without which English text cannot be spoken are all wanted."""
    pairs = set(wanted_pairs())
    for vowel in ("iː", "ˈæ", "ə", "ˈoʊ"):
        assert (SILENCE, vowel) in pairs
        assert (vowel, SILENCE) in pairs
        for consonant in ("p", "d", "s", "m", "ɹ"):
            assert {(consonant, vowel), (vowel, consonant)} <= pairs


def test_carriers_hold_the_pair_where_they_say() -> None:
    """In every carrier of every pair, the pair is at its position."""
    for pair in wanted_pairs():
        for carrier in carriers(pair):
            assert carrier.phones[carrier.position : carrier.position + 2] == pair


def test_mnemonics_are_kept_apart() -> None:
    """A bar between phones keeps espeak-ng from reading two vowels as one diphthong."""
    spelling = next(next(carriers(("ˈaɪ", "ə"))).spellings())
    assert "'aI|@" in spelling


def test_clusters_have_ids_and_stress_becomes_a_class() -> None:
    """Every phoneme cluster that Piper sends speaks a class, a stressed one if it carries stress."""
    ids, classes, table = phoneme_id_map(), phone_classes(), class_of_id()
    for cluster in phoneme_clusters():
        assert table[ids[cluster][0]] != SILENT
    assert classes[table[ids["ˈaɪ"][0]]] == "ˈaɪ"
    assert classes[table[ids["ˌaɪ"][0]]] == STRESS + "aɪ"
    assert classes[table[ids["aɪ"][0]]] == "aɪ"
    assert classes[table[ids["ˈə"][0]]] == "ə"


def test_padding_speaks_nothing_and_punctuation_pauses() -> None:
    """Piper's padding, spaces and lone marks are skipped; a comma is several phones of silence."""
    ids, table = phoneme_id_map(), class_of_id()
    assert all(table[ids[mark][0]] == SILENT for mark in "_^$ ˈˌː")
    assert len(ids[","]) > len(ids["."]) > 1
    assert phone_classes()[table[ids[","][0]]] == SILENCE
