"""What all values of the API share: names in camelCase, a sentence for every field, nothing unknown in what is sent."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from assent.api.base import MAX_INTEGER

MOST: Final = 100
"""Items of one answer."""

Json = dict[str, Any]
"""An object that another contract describes."""


class Answer(BaseModel):
    """Something that the API says; what is not there is left out."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


class Sent(BaseModel):
    """Something that a script sends: never converted, and without unknown fields."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid", strict=True)


class Asked(BaseModel):
    """The parameters of an address: texts are read as what they stand for, and unknown ones refused."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")


Limit = Annotated[int, Field(description="How many items at most.", ge=1, le=MOST)]
Cursor = Annotated[
    int | None,
    Field(description="`next` of the answer before, to go on behind it.", ge=1, le=MAX_INTEGER),
]
Next = Annotated[
    int | None, Field(description="The `cursor` of what comes behind these items; null: that was all.", ge=1)
]
