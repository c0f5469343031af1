"""RFC_READ_TABLE: rows of a table as text, chosen by lines of a WHERE clause."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.exceptions import ABAPApplicationError, classic_exception
from connector.simulator.rfc.tables import (
    billing,
    changes,
    deliveries,
    finance,
    flow,
    master,
    plans,
    purchasing,
    sales,
)
from connector.simulator.rfc.tables.layout import (
    TableLayout,
    comparable,
    layout,
    shown,
    stored,
    width_of,
)
from connector.simulator.rfc.tables.selection import SelectionError, parse
from connector.simulator.rfc.tables.source import Column, Source, Table

#: Width of a row of the answer.
ROW_WIDTH = 512

TABLES: dict[str, Table] = {
    **sales.TABLES,
    **plans.TABLES,
    **purchasing.TABLES,
    **flow.TABLES,
    **deliveries.TABLES,
    **billing.TABLES,
    **finance.TABLES,
    **master.TABLES,
    **changes.TABLES,
}


def read_table(call: Call) -> dict[str, Any]:
    """
    Return the rows that fit, in FIELDS where each column lies.

    Raises ABAPApplicationError: TABLE_NOT_AVAILABLE, NOT_AUTHORIZED, FIELD_NOT_VALID,
    OPTION_NOT_VALID, and DATA_BUFFER_EXCEEDED when the wanted columns are wider than a row, however
    many rows there are.
    """
    name = call.text("QUERY_TABLE")
    columns = layout(call.dictionary.folder, name, call.settings.profile)
    table = TABLES.get(name)
    if columns is None or table is None:
        raise classic_exception("TABLE_NOT_AVAILABLE", "SV", "E", "029", name)
    if name in call.settings.denied:
        raise classic_exception("NOT_AUTHORIZED")
    wanted = [row.get("FIELDNAME", "") for row in call.table("FIELDS")] or list(columns.fields)
    delimiter = call.text("DELIMITER")
    described = _described(columns, wanted, delimiter)
    if call.flag("NO_DATA"):
        return {"FIELDS": described, "DATA": []}
    try:
        converters = {field: comparable(kind) for field, kind in columns.fields.items()}
        condition = parse(
            (row.get("TEXT", "") for row in call.table("OPTIONS")),
            columns.fields,
            lambda field, text: converters[field](text),
        )
    except SelectionError as error:
        raise classic_exception("OPTION_NOT_VALID", "SAIS", "E", "000", str(error)) from error
    source = Source(call.erp, condition, call.settings.profile == "s4")
    selected = _selected(call, columns, table, source)
    skip = call.imports.get("ROWSKIPS", 0)
    count = call.imports.get("ROWCOUNT", 0)
    rows = islice(selected, skip, skip + count if count > 0 else None)
    getters = [(columns.fields[f], _getter(call, table, f)) for f in wanted]
    data = [
        {"WA": delimiter.join(shown(kind, stored(kind, get(row))) for kind, get in getters)}
        for row in rows
    ]
    return {"FIELDS": described, "DATA": data}


def _described(columns: TableLayout, wanted: Sequence[str], delimiter: str) -> list[dict[str, Any]]:
    described = []
    offset = 0
    for position, field in enumerate(wanted):
        kind = columns.fields.get(field)
        if kind is None:
            raise classic_exception("FIELD_NOT_VALID", "SV", "E", "000", field)
        offset += 1 if delimiter and position else 0
        width = width_of(kind)
        if offset + width > ROW_WIDTH:
            raise _too_wide()
        described.append(
            {
                "FIELDNAME": field,
                "OFFSET": offset,
                "LENGTH": width,
                "TYPE": columns.letter(field),
                "FIELDTEXT": field,
            }
        )
        offset += width
    return described


def _too_wide() -> ABAPApplicationError:
    return classic_exception("DATA_BUFFER_EXCEEDED")


def _selected(call: Call, columns: TableLayout, table: Table, source: Source) -> Any:
    condition = source.condition
    tested = [(f, columns.fields[f], _getter(call, table, f)) for f in condition.fields]
    for row in table.rows(source):
        if condition.test({f: stored(kind, get(row)) for f, kind, get in tested}):
            yield row


def _getter(call: Call, table: Table, field: str) -> Column:
    if field in ("MANDT", "MANDANT", "RCLNT"):
        return lambda row: call.settings.client
    return table.columns.get(field, lambda row: None)


HANDLERS: dict[str, Handler] = {"RFC_READ_TABLE": read_table}
