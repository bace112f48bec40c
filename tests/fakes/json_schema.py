"""A validator of JSON by a JSON schema, for what our schemas say: it refuses words that it does not know, so that nothing is overlooked."""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_SAY_NOTHING = frozenset({"$schema", "$defs", "title", "description", "default"})
_KNOWN = frozenset(
    {*_SAY_NOTHING, "$ref", "anyOf", "const", "enum", "type", "items", "properties", "required"}
    | {"additionalProperties", "propertyNames"}
)


def mistakes(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """List where a value is not as a schema has it; `root` holds the definitions."""
    assert schema.keys() <= _KNOWN, f"{at}: this validator does not know {schema.keys() - _KNOWN}"
    if "$ref" in schema:
        yield from mistakes(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema and all(any(mistakes(value, one, root, at)) for one in schema["anyOf"]):
        yield f"{at}: {value!r} is none of what it may be"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "type" in schema and not _is_a(value, schema["type"]):
        yield f"{at}: {value!r} is no {schema['type']}"
    elif isinstance(value, list) and "items" in schema:
        for index, one in enumerate(value):
            yield from mistakes(one, schema["items"], root, f"{at}[{index}]")
    elif isinstance(value, dict):
        yield from _of_object(value, schema, root, at)


def _is_a(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _of_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str
) -> Iterator[str]:
    yield from (f"{at}: lacks {name}" for name in schema.get("required", ()) if name not in value)
    named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, one in value.items():
        if "propertyNames" in schema:
            yield from mistakes(name, schema["propertyNames"], root, f"{at}, name")
        if name in named:
            yield from mistakes(one, named[name], root, f"{at}.{name}")
        elif isinstance(others, dict):
            yield from mistakes(one, others, root, f"{at}.{name}")
