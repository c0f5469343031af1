"""
The dry run: the same reading, mapping and comparing as the real run, without submitting.

It gets no store, and of the ERP only what cannot write: the type of its port has no method that
could.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

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

#: Orders for which the ERP's master data is read together.
_ASKED_TOGETHER: Final = 200

#: Returns for each of some orders what its documents name and the ERP does not have.
MissingMasterData = Callable[[Sequence[MappedOrder]], Sequence[Sequence[Problem]]]


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
    missing: MissingMasterData | None = None,
) -> Iterator[DryRunResult]:
    """
    Yield what would become of each message, in order; nothing is kept, here or in the ERP.

    Args:
        messages: as a channel yields them.
        route: the channel's mapping.
        plan: says which sales documents are wanted.
        simulate: ``erp.sales_documents.simulate`` to have the ERP price each order; None for a
            dry run that does not.
        missing: finds what documents name and the ERP does not have; None does not look.

    Raises:
        TransientError: the ERP could not answer.
    """
    # The ERP is asked for many orders at once; without it each order comes out as it comes in.
    size = _ASKED_TOGETHER if missing is not None or route.asks_the_erp else 1
    for chunk in _chunks(messages, size):
        orders = [each.order for each in chunk if isinstance(each, InboundOrder)]
        mapped = route.map_many(orders, plan.created_sales_documents)
        found = missing(mapped) if missing is not None else [()] * len(mapped)
        tried = zip(mapped, found, strict=True)
        for message in chunk:
            if isinstance(message, MessageError):
                yield unreadable(message)
                continue
            each, lacks = next(tried)
            yield tried_order(message, each, simulate, lacks)


def unreadable(message: MessageError) -> DryRunResult:
    """Return what becomes of a message that cannot be read."""
    problem = Problem(code=message.code, message=str(message), where=message.source)
    return DryRunResult(message.source, None, None, None, (problem,))


def tried_order(
    message: InboundOrder,
    mapped: MappedOrder,
    simulate: Simulate | None = None,
    lacks: Sequence[Problem] = (),
) -> DryRunResult:
    """Return what becomes of *message*, which was *mapped* and *lacks* something in the ERP."""
    problems, priced = [*mapped.problems, *lacks], None
    order = mapped.document(DocumentCategory.SALES_ORDER)
    if simulate is not None and order is not None:
        priced, found = price(message.order, order, simulate)
        problems += [problem for problem in found if problem not in problems]
    return DryRunResult(message.source, message.order, mapped, priced, tuple(problems))


def _chunks(
    messages: Iterable[InboundOrder | MessageError], size: int
) -> Iterator[list[InboundOrder | MessageError]]:
    remaining = iter(messages)
    while chunk := list(islice(remaining, size)):
        yield chunk
