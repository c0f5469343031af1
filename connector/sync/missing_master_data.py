"""What mapped documents name and the ERP does not have: customers, materials, units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import HOLD_REASONS, Problem
from connector.sd_documents.sales_document import SalesDocument
from connector.sync.master_data import MasterDataCache, Rows, Wanted, wanted_of


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of the ERP in a document: at ``where``, in one of the rows ``any_of``."""

    code: str
    where: str
    value: str
    any_of: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class MissingInTheErp:
    """Looks names up in the ERP, those of many orders together; each is asked for once."""

    cache: MasterDataCache

    def __call__(self, orders: Sequence[MappedOrder]) -> list[tuple[Problem, ...]]:
        """
        Return what is missing for each of *orders*.

        Raises:
            TransientError: the ERP could not answer.
            RejectedError, ConfigurationError: it refused to be read.
        """
        names = [tuple(_names(order)) for order in orders]
        rows = self._rows({row for each in names for name in each for row in name.any_of})
        return [tuple(_problems(each, rows)) for each in names]

    def _rows(self, wanted: Iterable[Wanted]) -> Mapping[Wanted, Rows]:
        found: dict[Wanted, Rows] = {}
        unread: list[Wanted] = []
        for each in wanted:
            known = self.cache.known(each)
            if known is None:
                unread.append(each)
            else:
                found[each] = known
        return {**found, **self.cache.read(unread)}


def _names(order: MappedOrder) -> Iterator[_Name]:
    for mapped in order.documents:
        yield from _names_of(mapped.document)


def _names_of(document: SalesDocument) -> Iterator[_Name]:
    for position, partner in enumerate(document.partners):
        row = wanted_of("customers", {"customer": partner.customer})
        where = f"partners[{position}].customer"
        yield _Name("CUSTOMER_NOT_IN_ERP", where, partner.customer, (row,))
    for position, item in enumerate(document.items):
        row = wanted_of("materials", {"material": item.material})
        yield _Name("MATERIAL_NOT_IN_ERP", f"items[{position}].material", item.material, (row,))
        unit = item.requested_quantity.unit
        where = f"items[{position}].requested_quantity.unit"
        known_as = tuple(wanted_of("units", {column: unit}) for column in ("unit", "iso_unit"))
        yield _Name("UNIT_NOT_IN_ERP", where, unit, known_as)


def _problems(names: Iterable[_Name], rows: Mapping[Wanted, Rows]) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for name in names:
        if (name.code, name.value) in told or any(rows[each] for each in name.any_of):
            continue
        told.add((name.code, name.value))
        reason = HOLD_REASONS[name.code]
        yield Problem(
            code=name.code,
            message=f"{name.where} is {name.value!r}, which the ERP does not have. {reason.remedy}",
            where=name.where,
        )
