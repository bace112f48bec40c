"""Where a text is cut: the first piece soon done, so that speech begins early; later ones longer, so that it goes on."""

import re

MAX_PIECE_CHARACTERS = 240
"""A piece's audio is computed at once: 2,000 characters took 142 MB, so long sentences are cut."""

WHOLE_CHARACTERS = 50
"""A first sentence up to this is not cut: it takes a real voice 0.3 s on two cores, and sounds best in one go."""

MIN_CLAUSE_CHARACTERS = 20
"""A first clause has at least this, 1.3 s of speech: enough to make the next piece in. "Well," alone would be over too soon."""

MAX_CLAUSE_CHARACTERS = 100
"""A first sentence without a pause is cut before a conjunction only above this, 0.7 s of work."""

GROWTH = 2
"""How many times as long as the piece before a piece may be: a voice that needs half of the time it speaks keeps up."""

_SENTENCE = re.compile(r"[.!?…]+[\"')\]]*\s+")
_CLAUSE = re.compile(r"[,;:—–]\s+")
_PHRASE = re.compile(
    r"\s+(?=(?:and|because|but|if|or|so|that|when|where|which|while|aber|dass|denn|oder|und|weil|wenn)\s)"
)
_WORD = re.compile(r"\s+")


def split_text(text: str, limit: int = MAX_PIECE_CHARACTERS) -> list[str]:
    """Cut a text into pieces of at most `limit` characters, at sentences, else clauses, else words.

    A long first sentence is cut behind its first clause, and each further piece is at most GROWTH times as long as the
    one before where a pause allows it. Joined with spaces the pieces are the text again; only a single word longer than
    the limit is broken.
    """
    rest = " ".join(text.split())
    pieces: list[str] = []
    wanted = min(limit, WHOLE_CHARACTERS)
    while rest:
        end = _end_of_piece(rest, wanted, limit) if pieces else _end_of_first(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
        wanted = min(limit, max(wanted, GROWTH * len(pieces[-1])))
    return pieces


def goes_on(piece: str) -> bool:
    """Say whether a piece was cut in the middle of a clause, where nobody would pause."""
    return piece[-1].isalnum()


def _end_of_first(text: str, limit: int) -> int:
    """End the first piece behind a short sentence, else behind the first clause that is long enough."""
    sentence = next(iter(_ends(_SENTENCE, text, limit)), len(text))
    if sentence > WHOLE_CHARACTERS:
        patterns = (_CLAUSE,) if sentence <= MAX_CLAUSE_CHARACTERS else (_CLAUSE, _PHRASE)
        for pattern in patterns:
            for end in _ends(pattern, text[:sentence], min(limit, MAX_CLAUSE_CHARACTERS)):
                if end > MIN_CLAUSE_CHARACTERS:
                    return end
    return sentence if sentence <= limit else _end_of_piece(text, limit, limit)


def _end_of_piece(text: str, wanted: int, limit: int) -> int:
    """End a piece at the last pause in the wanted length, else before a conjunction, else at the first pause behind it."""
    if len(text) <= wanted:
        return len(text)
    breaks = [_ends(pattern, text, limit) for pattern in (_SENTENCE, _CLAUSE, _PHRASE)]
    for ends in breaks:
        if fitting := [end for end in ends if wanted // 4 <= end <= wanted + 1]:
            return fitting[-1]
    later = [end for ends in breaks for end in ends if end > wanted]
    return min(
        later, default=len(text) if len(text) <= limit else max(_ends(_WORD, text, limit), default=limit)
    )


def _ends(pattern: re.Pattern[str], text: str, limit: int) -> list[int]:
    return [match.end() for match in pattern.finditer(text[: limit + 1])]
