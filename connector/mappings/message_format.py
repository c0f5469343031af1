"""What a channel's messages look like as bytes: part of its profile."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from connector.sd_documents.model import Frozen

Name = Annotated[str, StringConstraints(min_length=1)]

#: Larger messages are refused unless the profile says otherwise: 50 MB.
DEFAULT_MAX_BYTES = 50_000_000


class _Message(Frozen):
    """
    What every format has.

    ``encoding`` is a Python codec name; a byte order mark of UTF-8 is always tolerated.
    ``max_bytes`` bounds what one message may weigh.
    """

    encoding: str = "utf-8"
    max_bytes: Annotated[int, Field(ge=1)] = DEFAULT_MAX_BYTES

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"{value!r} is not an encoding; try utf-8 or cp1252") from None


class JsonMessage(_Message):
    """
    JSON: one order, a list of orders, either of them under a key, or one order on each line.

    ``one`` and ``many`` are those keys (``{"order": {..}}``, ``{"orders": [..]}``), empty where
    there are none; what stands beside them is seen as if it stood in each order. ``required`` are
    keys without which a message is no complete order. ``not_orders`` explain other messages of
    the channel by the key that gives them away.
    """

    format: Literal["json"]
    one: str = ""
    many: str = ""
    required: tuple[Name, ...] = ()
    not_orders: dict[str, str] = Field(default_factory=dict)


class DelimitedMessage(_Message):
    """
    Lines of text with columns, several lines making one order.

    Lines of one order stand together and share ``group_by``. Without ``header`` the columns are
    named here; with it, the file names them and ``columns`` are those that must be there.
    ``same_in_all_lines`` are columns of the order as a whole: they are seen beside ``lines`` and
    must not differ within an order.
    """

    format: Literal["delimited"]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'
    header: bool = True
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    group_by: Name
    same_in_all_lines: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _columns_are_named(self) -> Self:
        if len(set(self.columns)) != len(self.columns):
            raise ValueError("columns must be named differently")
        for name in (self.group_by, *self.same_in_all_lines):
            if name not in self.columns:
                raise ValueError(f"{name!r} is not among the columns {', '.join(self.columns)}")
        return self
