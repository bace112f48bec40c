"""A look at a drawing as a person has it: what stands in it, and what its parts say when they are pointed at."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts and titles in the order they were drawn; `texts` have where they are: x, y."""

    texts: dict[str, tuple[float, float]]
    titles: list[str]

    def titled(self, part: str) -> list[str]:
        """List the titles that a text is in."""
        return [title for title in self.titles if part in title]


def seen(svg: str) -> Seen:
    """Read an SVG, which must be well-formed."""
    root = ET.fromstring(svg)
    texts = {one.text or "": (float(one.get("x", 0)), float(one.get("y", 0))) for one in root.iter("text")}
    return Seen(texts, [title.text or "" for title in root.iter("title")])
