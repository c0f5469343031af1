"""Orders from outside without the data of people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.erp.recording.fields import Fields, Protocol
from connector.erp.recording.stand_ins import Replacement
from connector.mappings.external_order import ExternalOrder

#: Values under the channel's own names: the table has them as ``attributes.NAME``.
_BY_NAME = "attributes"


def sanitised(order: ExternalOrder, fields: Fields, replace: Replacement) -> dict[str, Any]:
    """Return *order* as JSON that `ExternalOrder` reads again."""
    content = json.loads(order.model_dump_json())
    made = _value("", content, fields, replace)
    assert isinstance(made, dict)
    return made


def order_of(content: Mapping[str, Any]) -> ExternalOrder:
    """Return a recorded order; pydantic's ValidationError when it is none."""
    return ExternalOrder.model_validate_json(json.dumps(content))


def _value(name: str, value: Any, fields: Fields, replace: Replacement) -> Any:
    match value:
        case dict():
            return {
                field: _value(
                    f"{name}.{field}" if name == _BY_NAME else field, inner, fields, replace
                )
                for field, inner in value.items()
            }
        case list():
            return [_value(name, inner, fields, replace) for inner in value]
        case str() if value.strip():
            treatment = fields.treatment(Protocol.ORDER, name, value)
            return value if treatment.keeps else replace(treatment, value)
        case _:
            return value
