"""The frozen pydantic model that every SD document and value is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """
    Immutable value, compared by content.

    Unknown fields are refused, so that a misspelt name is an error and not a lost value. Decimals
    are dumped as text: JSON has no decimal type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")
