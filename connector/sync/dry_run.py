"""
The dry run: the same reading, mapping and comparing as the real run, without submitting.

It gets no store, and of the ERP only what cannot write: the type of its port has no method that
could.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import Notice, Problem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync.context import Route
from connector.sync.plan import Plan
from connector.sync.pricing import Simulate, price


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """
    What would become of one message.

    ``order`` and ``mapped`` are empty for an unreadable message; ``priced`` is empty without
    simulation, and when the ERP refused to price. Without problems the order would be created.
    """

    source: str
    order: ExternalOrder | None
    mapped: MappedOrder | None
    priced: PostedSalesDocument | None
    problems: tuple[Problem, ...]

    @property
    def would_be_created(self) -> bool:
        return not self.problems

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What mapping decided without being certain, with the amounts that it concerns."""
        return self.mapped.notices if self.mapped is not None else ()


def run(
    messages: Iterable[InboundOrder | MessageError],
    route: Route,
    plan: Plan,
    simulate: Simulate | None = None,
) -> Iterator[DryRunResult]:
    """
    Yield what would become of each message, in order; nothing is kept, here or in the ERP.

    Args:
        messages: as a channel yields them.
        route: the channel's mapping.
        plan: says which sales documents are wanted.
        simulate: ``erp.sales_documents.simulate`` to have the ERP price each order; None for a
            dry run without an ERP.

    Raises:
        TransientError: the ERP could not answer while simulating.
    """
    for message in messages:
        if isinstance(message, MessageError):
            problem = Problem(code=message.code, message=str(message), where=message.source)
            yield DryRunResult(message.source, None, None, None, (problem,))
            continue
        mapped = route.map(message.order, plan.created_sales_documents)
        problems, priced = list(mapped.problems), None
        order = mapped.document(DocumentCategory.SALES_ORDER)
        if simulate is not None and order is not None:
            priced, found = price(message.order, order, simulate)
            problems += [problem for problem in found if problem not in problems]
        yield DryRunResult(message.source, message.order, mapped, priced, tuple(problems))
