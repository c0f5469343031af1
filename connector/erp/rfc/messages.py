"""RETURN rows in all their shapes; what their messages mean is in `connector/erp/messages.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.erp.messages import ReturnRow
from connector.errors import ErpMessage


def return_rows(value: Any, item_numbers: Sequence[int] = ()) -> tuple[ReturnRow, ...]:
    """
    Return the rows of a RETURN parameter, whatever its shape.

    It is a table of BAPIRET2 or BAPIRET1, or one structure of BAPIRET2, BAPIRETURN1 or BAPIRETURN;
    the last has class and number in one field. Rows without type are initial and left out.

    Args:
        value: the parameter as it came back.
        item_numbers: numbers of the items in the order in which they were sent, so that a row
            that speaks of line 2 of the items gets the number of the second.
    """
    rows = value if isinstance(value, list) else [value] if value else []
    return tuple(_return_row(row, item_numbers) for row in rows if row["TYPE"])


def _return_row(row: Mapping[str, Any], item_numbers: Sequence[int]) -> ReturnRow:
    if "ID" in row:
        message_class, number = row["ID"].strip(), row["NUMBER"]
    else:
        message_class, number = row["CODE"][:2].strip(), row["CODE"][2:].strip()
    line = row.get("ROW", 0) if "ITEM" in row.get("PARAMETER", "") else 0
    message = ErpMessage(
        type=row["TYPE"],
        message_class=message_class,
        number=number,
        text=row["MESSAGE"],
        item_number=item_numbers[line - 1] if 0 < line <= len(item_numbers) else None,
        field=row.get("FIELD", ""),
    )
    return ReturnRow(message, row.get("MESSAGE_V1", ""), row.get("MESSAGE_V2", ""))
