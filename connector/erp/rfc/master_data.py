"""
Master data over RFC: rows of the tables that hold it, many keys in few calls.

Customers' own material numbers are KNMT-KDMAT, GTINs MARA-EAN11 (of the base unit), old material
numbers MARA-BISMT, VAT numbers KNA1-STCEG, ISO units T006-ISOCODE, partners KNVP-KUNN2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import Condition, ReadTable, any_of
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.tables import KNA1, KNMT, KNVP, MARA, T006, Table
from connector.erp.rfc.wire import external_material, internal_material
from connector.ports.master_data import MasterDataRow
from connector.sd_documents.values import pad_number

_CUSTOMERS: Final = frozenset({"KUNNR", "KUNN2"})
_MATERIALS: Final = frozenset({"MATNR"})

#: Longer lists than this are left out of a selection, but for its longest.
_SHORT_LIST: Final = 20

Key = Mapping[str, str]

_FIELDS: Final[Mapping[str, tuple[Table, Mapping[str, str]]]] = {
    "customers": (
        KNA1,
        {
            "customer": "KUNNR", "name": "NAME1", "country": "LAND1", "postal_code": "PSTLZ",
            "tax_number": "STCEG",
        },
    ),
    "customer_partners": (
        KNVP,
        {
            "customer": "KUNNR", "sales_organization": "VKORG", "distribution_channel": "VTWEG",
            "division": "SPART", "function": "PARVW", "partner": "KUNN2",
        },
    ),
    "customer_materials": (
        KNMT,
        {
            "customer": "KUNNR", "sales_organization": "VKORG", "distribution_channel": "VTWEG",
            "customer_material": "KDMAT", "material": "MATNR",
        },
    ),
    "materials": (
        MARA,
        {
            "material": "MATNR", "base_unit": "MEINS", "gtin": "EAN11",
            "old_material_number": "BISMT",
        },
    ),
    "units": (T006, {"unit": "MSEHI", "iso_unit": "ISOCODE"}),
}  # fmt: skip

#: The tables that are read, for who has to authorise it.
TABLES: Final = tuple(table for table, _ in _FIELDS.values())


@dataclass(frozen=True, slots=True)
class RfcMasterData:
    """Reads master data; it has no way to write."""

    reads: Reads
    options: RfcOptions

    def read(self, kind: str, keys: Sequence[Key]) -> Sequence[MasterDataRow]:
        """Return the rows of *kind* that are as one of *keys* wants them, in a stable order."""
        table, fields = _FIELDS[kind]
        wanted = [key for each in keys if (key := self._stored(table, fields, each)) is not None]
        if not wanted:
            return ()
        columns = tuple(wanted[0])
        sought = {tuple(key[column] for column in columns) for key in wanted}
        conditions = _conditions(wanted)
        found = self.reads.run(
            lambda session: ReadTable(session, self.options).rows(
                table, tuple(fields.values()), *conditions
            )
        )
        rows = [row for row in found if tuple(row[column] for column in columns) in sought]
        shown = {
            tuple((column, _shown(field, row[field])) for column, field in fields.items()): None
            for row in rows
        }
        return [dict(row) for row in sorted(shown)]

    def _stored(self, table: Table, fields: Mapping[str, str], key: Key) -> dict[str, str] | None:
        """Return *key* by the table's fields, None where no row of the table could be like it."""
        found: dict[str, str] = {}
        for column, value in key.items():
            field, bare = fields[column], value.strip()
            if field in _CUSTOMERS:
                bare = pad_number(bare)
            elif field in _MATERIALS:
                length = self.options.material_number_length
                bare = internal_material(external_material(bare), length)
            if not bare or len(bare) > table.widths[field] or not bare.isprintable():
                return None
            found[field] = bare
        return found


def _conditions(keys: Sequence[Key]) -> Iterator[Condition]:
    """
    Yield what the selection says: it lets in all of *keys*, and others that mix their values.

    Lists of several fields multiply the calls, so that only the longest may be long.
    """
    lists = {field: tuple(dict.fromkeys(key[field] for key in keys)) for field in keys[0]}
    longest = max(lists, key=lambda field: len(lists[field]))
    for field, values in lists.items():
        if field == longest or len(values) <= _SHORT_LIST:
            yield any_of(field, values)


def _shown(field: str, value: str) -> str:
    return external_material(value) if field in _MATERIALS else value
