"""FPLA and FPLT: the billing plans of sales document items, and their dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.rfc.tables import sales
from connector.simulator.rfc.tables.source import Source, Table

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import (
        BillingPlanDate,
        SalesDocument,
        SalesItem,
    )

#: FPTYP and FPART of milestone billing.
CATEGORY = "2"


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of FPLA, or with its date one of FPLT."""

    line: sales.Line
    date: BillingPlanDate | None = None

    @property
    def item(self) -> SalesItem:
        """The item that is billed by the plan."""
        return self.line.item

    @property
    def document(self) -> SalesDocument:
        """The item's document."""
        return self.line.document


def plan_type(plan: Plan) -> str:
    """Return the billing plan type of the item's category."""
    categories = plan.line.header.source.erp.master_data.item_categories
    return categories[plan.item.item_category].billing_plan_type


def date_status(plan: Plan) -> str:
    """Return FKSAF: C when the date is billed, else A."""
    assert plan.date is not None
    return "C" if plan.date.number in plan.line.status.billed_dates else "A"


def plans(source: Source) -> Iterator[Plan]:
    """Rows of FPLA: by the plan's number, by the document's, or all."""
    wanted = source.numbers("FPLNR")
    if wanted is None:
        lines = sales.items(source)
    else:
        numbers = (source.erp.document_of_billing_plan(number) for number in wanted)
        documents = dict.fromkeys(number for number in numbers if number)
        lines = (
            sales.Line(header, item)
            for number in documents
            if (found := source.erp.sales_document(number)) is not None
            for header in (sales.Header(source, found),)
            for item in found.items
        )
    return (Plan(line) for line in lines if line.item.billing_plan)


def dates(source: Source) -> Iterator[Plan]:
    """Rows of FPLT."""
    for plan in plans(source):
        for each in plan.item.billing_plan:
            yield Plan(plan.line, each)


FPLA = Table(
    plans,
    {
        "FPLNR": lambda x: x.item.billing_plan_number,
        "FPTYP": lambda x: CATEGORY,
        "FPART": plan_type,
        "BEDAT": lambda x: x.item.billing_plan[0].billing_date,
        "ENDAT": lambda x: x.item.billing_plan[-1].billing_date,
        "VBELN": lambda x: x.document.number,
    },
)

FPLT = Table(
    dates,
    {
        "FPLNR": lambda x: x.item.billing_plan_number,
        "FPLTR": lambda x: x.date.number,
        "TETXT": lambda x: x.date.description,
        "FKDAT": lambda x: x.date.billing_date,
        "FAREG": lambda x: x.date.rule,
        "FPROZ": lambda x: x.date.percent,
        "WAERS": lambda x: x.document.currency,
        "FAKWR": lambda x: x.line.header.source.stored(x.date.value, x.document.currency),
        "FAKSP": lambda x: x.date.billing_block,
        "FKARV": lambda x: (
            x.line.header.source.erp.master_data.order_types[
                x.document.document_type
            ].order_billing_type
        ),
        "FKSAF": date_status,
        "AFDAT": lambda x: x.date.billing_date,
    },
)

TABLES = {"FPLA": FPLA, "FPLT": FPLT}
