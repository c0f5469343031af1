"""
The ERP's master data as mapping sees it: tables that are read where the ERP may be asked.

Rules name such a table like any other. Without an ERP (a dry run of the schema) an order that needs
one is held with a reason that says so; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from connector.mappings.value_tables import Match, Row

#: The columns of each kind, named as the fields of the ERP's interfaces.
MASTER_DATA_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "customer_materials": (
        "customer", "sales_organization", "distribution_channel", "customer_material", "material",
    ),
    "customer_partners": (
        "customer", "sales_organization", "distribution_channel", "division", "function", "partner",
    ),
    "customers": ("customer", "name", "country", "postal_code", "tax_number"),
    "materials": ("material", "base_unit", "gtin", "old_material_number"),
    "units": ("unit", "iso_unit"),
}  # fmt: skip


class MasterData(Protocol):
    """Reads master data of the ERP; implementations keep what they have read."""

    def rows(self, kind: str, key: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        """
        Return the rows of *kind* whose columns are as in *key*, in a stable order.

        Args:
            kind: one of :data:`MASTER_DATA_COLUMNS`, whose columns each row has.
            key: values by column; numbers without leading zeros match those with.
        """
        ...


class MasterDataNotReadError(LookupError):
    """The ERP may not be asked here."""


@dataclass(frozen=True, slots=True)
class MasterDataTable:
    """A table whose rows are the ERP's; ``source`` is empty where the ERP is not asked."""

    name: str
    kind: str
    key: tuple[str, ...]
    source: MasterData | None = None

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"the ERP's {self.kind.replace('_', ' ')}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its rows."""
        return MASTER_DATA_COLUMNS[self.kind]

    def reading(self, source: MasterData) -> MasterDataTable:
        """Return the table with rows from *source*."""
        return replace(self, source=source)

    def find(self, values: Sequence[str]) -> Row | None:
        """Return the row for *values*, the first of several; None where there is none."""
        match = self.match(values)
        return None if match is None else match.row

    def match(self, values: Sequence[str]) -> Match | None:
        """
        Return the row for *values*; several rows win over none of each other.

        Raises:
            MasterDataNotReadError: the ERP is not asked here.
        """
        wanted = {c: value.strip() for c, value in zip(self.key, values, strict=True)}
        if not all(wanted.values()):
            return None
        if self.source is None:
            raise MasterDataNotReadError(self.label)
        found = [dict(row) for row in self.source.rows(self.kind, wanted)]
        if not found:
            return None
        return Match(found[0], rivals=tuple(found[1:]), is_ambiguous=len(found) > 1)
