"""What every JSON file of a report is made of: frozen parts, and a document that writes itself.

The formats are versioned: readers check `schema` and `version`. New keys may be added within a version; keys are not
renamed or removed, and their units do not change.
"""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a document; what is infinite is written as a string."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, ser_json_inf_nan="strings")


class Document(Part):
    """The whole of a file."""

    def to_json(self) -> str:
        """Write it as indented JSON that ends in a newline."""
        return self.model_dump_json(indent=2, by_alias=True) + "\n"
