"""
Read the files of an order history.

A history is a folder with ``orders_YEAR.tsv`` (what was ordered, for the channel),
``documents_YEAR.csv`` (what the ERP of that time made of it, item by item), ``customers.csv`` and
``materials.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from connector.errors import ConfigurationError

DOCUMENT_COLUMNS = (
    "SALESDOCUMENT",
    "SALESDOCUMENTITEM",
    "SALESORGANIZATION",
    "DISTRIBUTIONCHANNEL",
    "DIVISION",
    "MATERIAL",
    "SOLDTOPARTY",
    "SALESDOCUMENTDATE",
    "REQUESTEDDELIVERYDATE",
    "ORDERQUANTITY",
    "ORDERQUANTITYUNIT",
    "NETAMOUNT",
    "TRANSACTIONCURRENCY",
    "TAXAMOUNT",
    "COSTAMOUNT",
    "SUBTOTAL1AMOUNT",
    "PLANT",
)
CUSTOMER_COLUMNS = ("Customer", "Name", "Postal Code", "City", "Region", "Country")
MATERIAL_COLUMNS = ("Material", "Name", "Material type", "Base Unit of Measure", "Net weight")


@dataclass(frozen=True, slots=True)
class HistoricItem:
    """
    One item of a document as the ERP of that time had it.

    ``gross_amount`` is before the header discount (SUBTOTAL1), ``net_amount`` after it.
    """

    document: str
    item_number: int
    sales_organization: str
    distribution_channel: str
    division: str
    material: str
    sold_to_party: str
    document_date: date
    requested_delivery_date: date
    quantity: Decimal
    unit: str
    gross_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    cost_amount: Decimal
    currency: str
    plant: str


@dataclass(frozen=True, slots=True)
class History:
    """A year of a company: its documents in the order of their numbers, and its master data."""

    folder: Path
    year: int
    items: tuple[HistoricItem, ...]
    customers: tuple[Mapping[str, str], ...]
    materials: tuple[Mapping[str, str], ...]

    @property
    def orders_file(self) -> Path:
        """What was ordered, in the channel's own form."""
        return self.folder / f"orders_{self.year}.tsv"


def is_history(folder: Path) -> bool:
    """Tell whether *folder* holds a history of any year."""
    return (folder / "customers.csv").is_file() and bool(years_of(folder))


def years_of(folder: Path) -> tuple[int, ...]:
    """Return the years for which *folder* has both orders and documents, ascending."""
    years = []
    for path in sorted(folder.glob("orders_*.tsv")):
        year = path.stem.removeprefix("orders_")
        if year.isdigit() and (folder / f"documents_{year}.csv").is_file():
            years.append(int(year))
    return tuple(years)


def read_history(folder: Path, year: int) -> History:
    """
    Read all files of *year*.

    Raises:
        ConfigurationError: a file is missing, or a row is not as expected; names file and line.
    """
    orders = folder / f"orders_{year}.tsv"
    if not orders.is_file():
        found = ", ".join(map(str, years_of(folder))) or "none"
        raise ConfigurationError(str(orders), "not found", f"Years in this folder: {found}")
    documents = folder / f"documents_{year}.csv"
    return History(
        folder=folder,
        year=year,
        items=tuple(_item(row, where) for row, where in _rows(documents, DOCUMENT_COLUMNS)),
        customers=_master(folder / "customers.csv", CUSTOMER_COLUMNS),
        materials=_master(folder / "materials.csv", MATERIAL_COLUMNS),
    )


def _master(path: Path, columns: tuple[str, ...]) -> tuple[Mapping[str, str], ...]:
    # A last row with a total over all records is part of the export and no master record.
    return tuple(
        row
        for row, _ in _rows(path, columns)
        if row[columns[1]].strip() and row[columns[0]].strip().lower() != "overall result"
    )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[dict[str, str], str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigurationError(
                    f"{path}, line 1",
                    f"the column {missing[0]} is missing",
                    f"Expected: {', '.join(columns)}",
                )
            for row in reader:
                yield {name: row[name] or "" for name in columns}, f"{path}, line {reader.line_num}"
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(path), "is not UTF-8", "Save it as UTF-8") from error


def _item(row: Mapping[str, str], where: str) -> HistoricItem:
    return HistoricItem(
        document=row["SALESDOCUMENT"],
        item_number=int(_decimal(row, "SALESDOCUMENTITEM", where)),
        sales_organization=row["SALESORGANIZATION"],
        distribution_channel=row["DISTRIBUTIONCHANNEL"],
        division=row["DIVISION"],
        material=row["MATERIAL"],
        sold_to_party=row["SOLDTOPARTY"],
        document_date=_date(row, "SALESDOCUMENTDATE", where),
        requested_delivery_date=_date(row, "REQUESTEDDELIVERYDATE", where),
        quantity=_decimal(row, "ORDERQUANTITY", where),
        unit=row["ORDERQUANTITYUNIT"],
        gross_amount=_decimal(row, "SUBTOTAL1AMOUNT", where),
        net_amount=_decimal(row, "NETAMOUNT", where),
        tax_amount=_decimal(row, "TAXAMOUNT", where),
        cost_amount=_decimal(row, "COSTAMOUNT", where),
        currency=row["TRANSACTIONCURRENCY"],
        plant=row["PLANT"],
    )


def _decimal(row: Mapping[str, str], column: str, where: str) -> Decimal:
    try:
        value = Decimal(row[column] or "0")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ConfigurationError(f"{where}, {column}", f"{row[column]!r} is not a number")
    return value


def _date(row: Mapping[str, str], column: str, where: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError as error:
        raise ConfigurationError(
            f"{where}, {column}", f"{row[column]!r} is not a date", "Expected YYYYMMDD"
        ) from error
