"""What a page takes of an SVG by matplotlib: no style and no script, colors that follow the theme, and titles to point at."""

import re
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, fromstring, tostring

from markupsafe import Markup

_COORDINATES = ("d", "x", "y", "transform")
_PAINT = ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray")
_KEPT = frozenset({*_COORDINATES, *_PAINT, "href", "text-anchor"})
_SHAPES = ("path", "use")
_NOT_NEEDED = ("metadata", "style", "clipPath")
_MOST_LETTERS = 300
_NUMBER = re.compile(r"-?\d+\.\d+")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")


def for_page(svg: str, title: str, titles: Mapping[str, Sequence[str]], colors: Mapping[str, str]) -> Markup:
    """Take what a page needs of an SVG by matplotlib: no styles and scripts, colors that follow the theme, and titles."""
    names = {value: name for name, value in colors.items()}
    root = fromstring(svg)  # noqa: S314 - matplotlib made it
    box = root.get("viewBox", "")
    page = Element("svg", {"class": "chart", "viewBox": box, "width": box.split()[2], "font-size": "11"})
    page.attrib |= {"role": "img", "aria-label": readable(title), "font-family": "inherit"}
    page.extend(part for child in root for part in _parts(child, names, titles))
    return Markup(tostring(page, encoding="unicode"))  # noqa: S704 - ElementTree escaped it


def _parts(
    element: Element, names: Mapping[str, str], titles: Mapping[str, Sequence[str]]
) -> Iterable[Element]:
    """List what is kept of an element: itself, or of a group that says nothing by itself, its parts."""
    tag = element.tag.rpartition("}")[2]
    parts = [part for child in element for part in _parts(child, names, titles)]
    if tag in _NOT_NEEDED or (tag in ("g", "defs") and not parts):
        return []
    kept = _attributes(element, names)
    if tag == "defs":
        for part, source in zip(parts, element, strict=True):
            part.set("id", source.get("id", ""))
    own_titles = titles.get(element.get("id", ""))
    if tag == "g" and own_titles is None:
        return parts
    new = Element(tag, kept)
    new.text = element.text if tag == "text" else None
    new.extend(parts)
    if own_titles is not None:
        _give_titles(new, own_titles)
    return [new]


def _give_titles(group: Element, titles: Sequence[str]) -> None:
    """Give each shape of a group its title; what all of them have alike is said once, of the group."""
    shapes = [part for part in group if part.tag in _SHAPES]
    alike = set.intersection(*(set(shape.attrib.items()) for shape in shapes)) if len(shapes) > 1 else set()
    for name, value in sorted(alike):
        if name in _PAINT:
            group.set(name, value)
            for shape in shapes:
                del shape.attrib[name]
    if len(shapes) == len(titles):
        for shape, text in zip(shapes, titles, strict=True):
            if text:
                title = Element("title")
                title.text = readable(text)
                shape.append(title)
    elif len(shapes) > len(titles):  # none of them says anything: those in one place are seen as one
        places = {tuple(sorted(shape.attrib.items())): shape for shape in shapes}
        group[:] = [part for part in group if part.tag not in _SHAPES] + list(places.values())


def _attributes(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    """Write style as attributes, which no Content-Security-Policy forbids, colors as the theme's, numbers as short as can be seen."""
    own = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    style = (one.partition(":") for one in own.pop("style", "").split(";"))
    own |= {name.strip(): value.strip() for name, _, value in style}
    if "opacity" in own:  # of a whole group it would be another thing
        own["fill-opacity"] = own.pop("opacity")
    if re.match(r"rotate\(-?0[ ,]", own.get("transform", "")):
        del own["transform"]
    digits = 2 if own.get("id") else 1
    kept = {name: value for name, value in own.items() if name in _KEPT}
    for name in _COORDINATES:
        if name in kept:
            short = _NUMBER.sub(lambda found: f"{round(float(found[0]), digits):g}", kept[name])
            kept[name] = _COMMAND.sub(r"\1", short) if name == "d" else short
    for name in ("fill", "stroke"):
        if color := names.get(kept.get(name, "")):
            kept[name] = f"var(--{color},{kept[name]})"
    return kept


def readable(text: str) -> str:
    """Replace what no page can show, characters that control something and halves of emojis, and cut what is too long for a title."""
    shown = " ".join(text.split())[:_MOST_LETTERS]
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in shown)
