"""
Answers whose structure is not as expected, as another release or a changed structure gives them.

The library builds an answer from the ERP's own description of the function, so a field that the
ERP does not have is simply not in it. It is therefore spoiled where the library hands it out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from connector.simulator.rfc.faults import Fault

#: Where the face notes beside the results what is wrong with them; no parameter has such a name.
SPOILED: Final = "<spoiled>"


def spoiled(answer: dict[str, Any], fault: str, field: str = "") -> dict[str, Any]:
    """
    Return *answer* as *fault* leaves it.

    *field* is a parameter, a field of any structure or table, or ``PARAMETER-FIELD``; empty takes
    the first parameter. A field is changed in every row; what is not in the answer stays so.
    """
    parameter, _, inner = field.partition("-")
    if not field:
        parameter = next(iter(answer), "")
    if parameter in answer and not inner:
        return _changed(answer, parameter, fault)
    wanted = inner or field
    within = [parameter] if inner else list(answer)
    return {
        name: _in_rows(value, wanted, fault) if name in within else value
        for name, value in answer.items()
    }


def _in_rows(value: Any, field: str, fault: str) -> Any:
    if isinstance(value, list):
        return [_changed(row, field, fault) for row in value]
    return _changed(value, field, fault) if isinstance(value, dict) else value


def _changed(row: dict[str, Any], field: str, fault: str) -> dict[str, Any]:
    if field not in row:
        return row
    if fault == Fault.FIELD_MISSING:
        return {name: value for name, value in row.items() if name != field}
    return {**row, field: _of_another_type(row[field])}


def _of_another_type(value: Any) -> Any:
    """A number where there was text, text where there was a number, a structure for a table."""
    if isinstance(value, list):
        return {}
    return Decimal(-1) if isinstance(value, str) else "#"
