"""
Does each operation work? Its read side is called over its route; nothing is written.

Reads ask for numbers that do not exist, so that they cost little. Who may read may still lack the
right to create: that shows only when it is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.clock import Clock
from connector.erp.hold_reasons import HoldReason
from connector.erp.routes import SALES_OPERATIONS, Router
from connector.errors import (
    ConnectorError,
    LogonRefusedError,
    NotAuthorizedError,
    RejectedError,
    TransientError,
)
from connector.ports.capabilities import ErpOperation, Transport
from connector.ports.erp import ErpSystem
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem
from connector.sd_documents.values import DocumentCategory, Quantity

#: A document, a customer and a reference that no ERP has.
_NOBODY: Final = "9999999999"
_REFERENCE: Final = "SD-CONNECTOR-CHECK"


class Outcome(StrEnum):
    """What became of a check."""

    WORKS = "works"
    NOT_AUTHORIZED = "not authorized"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    #: Its transport does not let us in, so one more try would only cost another logon.
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class TransportChecked:
    """One logon: ``system`` is None when there was none, ``problem`` then says why."""

    transport: Transport
    outcome: Outcome
    system: ErpSystem | None
    problem: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class OperationChecked:
    """
    One operation. ``latency_s`` is what its reads took together, None when they did not end.

    ``authorization`` is the missing one, as an administrator knows it.
    """

    operation: ErpOperation
    transport: Transport
    outcome: Outcome
    latency_s: float | None = None
    problem: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Where and when is asked; the sales area need not exist."""

    company_code: str
    today: date


def check_transports(router: Router) -> Iterator[TransportChecked]:
    """Log on over each transport that is used, once: a wrong password must not lock the user."""
    for transport in router.used():
        try:
            yield TransportChecked(transport, Outcome.WORKS, router.parts[transport].ping())
        except ConnectorError as error:
            yield TransportChecked(
                transport, outcome_of(error), None, str(error), _authorization(error)
            )


def check_operations(
    router: Router,
    transports: Mapping[Transport, TransportChecked],
    question: Question,
    clock: Clock,
) -> Iterator[OperationChecked]:
    """Call the read side of each routed operation whose transport answered."""
    for operation in ErpOperation:
        transport = router.routes.get(operation)
        if transport is None:
            continue
        if transports[transport].outcome is not Outcome.WORKS:
            yield OperationChecked(
                operation, transport, Outcome.NOT_TRIED, problem=f"no logon over {transport.value}"
            )
            continue
        yield _checked(router, operation, transport, question, clock)


def outcome_of(error: ConnectorError) -> Outcome:
    """Return what *error* means for a check."""
    if isinstance(error, NotAuthorizedError | LogonRefusedError):
        return Outcome.NOT_AUTHORIZED
    return Outcome.UNREACHABLE if isinstance(error, TransientError) else Outcome.FAILED


def differing_systems(transports: Mapping[Transport, TransportChecked]) -> tuple[str, ...]:
    """
    Say where transports lead to different systems or clients; empty when they agree.

    What a transport does not tell is no difference.
    """
    systems = {name: each.system for name, each in transports.items() if each.system is not None}
    found: list[str] = []
    for label, read in _IDENTITY.items():
        told = {name.value: read(system) for name, system in systems.items() if read(system)}
        if len(set(told.values())) > 1:
            named = ", ".join(f"{name}: {value}" for name, value in told.items())
            found.append(f"the transports lead to different {label} ({named})")
    return tuple(found)


_IDENTITY: Final[Mapping[str, Callable[[ErpSystem], str]]] = {
    "systems": lambda system: system.system_id,
    "clients": lambda system: system.client,
}


def _checked(
    router: Router,
    operation: ErpOperation,
    transport: Transport,
    question: Question,
    clock: Clock,
) -> OperationChecked:
    started = clock.now()
    try:
        _ask(router, operation, question)
        probe = router.parts[transport].probe
        if probe is not None:
            probe(operation)
    except ConnectorError as error:
        return OperationChecked(
            operation, transport, outcome_of(error), None, str(error), _authorization(error)
        )
    elapsed = (clock.now() - started) / timedelta(seconds=1)
    return OperationChecked(operation, transport, Outcome.WORKS, elapsed)


def _authorization(error: ConnectorError) -> str:
    return error.authorization if isinstance(error, NotAuthorizedError) else ""


def _ask(router: Router, operation: ErpOperation, question: Question) -> None:
    """Call the read side of *operation*; raises ConnectorError when it does not work."""
    category = _CATEGORIES.get(operation)
    if category is not None:
        sales = router.part(operation, lambda parts: parts.sales_documents)
        sales.find(_REFERENCE, category)
        sales.read([_NOBODY], category)
        return
    _QUESTIONS[operation](router, question)


_CATEGORIES: Final = {operation: category for category, operation in SALES_OPERATIONS.items()}


def _simulate(router: Router, question: Question) -> None:
    part = router.part(ErpOperation.SIMULATION, lambda parts: parts.sales_documents)
    document = SalesDocument(
        category=DocumentCategory.SALES_ORDER,
        sales_order_type="TA",
        sales_area=SalesArea(
            sales_organization=question.company_code, distribution_channel="10", division="00"
        ),
        purchase_order_by_customer=_REFERENCE,
        requested_delivery_date=question.today,
        currency="EUR",
        partners=(Partner(function=PartnerFunction.SOLD_TO_PARTY, customer=_NOBODY),),
        items=(
            SalesDocumentItem(
                item_number=10,
                material=_REFERENCE,
                requested_quantity=Quantity(value=Decimal(1), unit="ST"),
            ),
        ),
    )
    _refused_by_the_erp(lambda: part.simulate(document))


def _deliveries(router: Router, _: Question) -> None:
    router.part(ErpOperation.DELIVERY, lambda parts: parts.deliveries).read([_NOBODY])


def _goods_issues(router: Router, _: Question) -> None:
    router.part(ErpOperation.GOODS_ISSUE, lambda parts: parts.deliveries).read([_NOBODY])


def _billing(router: Router, _: Question) -> None:
    router.part(ErpOperation.BILLING, lambda parts: parts.billing_documents).read([_NOBODY])


def _pdf(router: Router, _: Question) -> None:
    part = router.part(ErpOperation.BILLING_PDF, lambda parts: parts.billing_documents)
    _refused_by_the_erp(lambda: part.pdf(_NOBODY))


def _payments(router: Router, question: Question) -> None:
    part = router.part(ErpOperation.PAYMENT, lambda parts: parts.payments)
    part.find(_REFERENCE[:16], question.company_code, _NOBODY)


def _flow(router: Router, _: Question) -> None:
    router.part(ErpOperation.DOCUMENT_FLOW, lambda parts: parts.chains).read([_NOBODY])


def _open_items(router: Router, question: Question) -> None:
    part = router.part(ErpOperation.OPEN_ITEMS, lambda parts: parts.open_items)
    _refused_by_the_erp(
        lambda: part.customer_items(question.company_code, [_NOBODY], question.today)
    )


def _master_data(router: Router, _: Question) -> None:
    part = router.part(ErpOperation.MASTER_DATA, lambda parts: parts.master_data)
    part.read("customers", [{"customer": _NOBODY}])


def _refused_by_the_erp(ask: Callable[[], object]) -> None:
    """An ERP that refuses what does not exist has been reached, and has let us ask."""
    try:
        ask()
    except RejectedError as error:
        if error.code == HoldReason.ERP_ANSWER_UNCLEAR.value:
            raise


_QUESTIONS: Final[Mapping[ErpOperation, Callable[[Router, Question], None]]] = {
    ErpOperation.SIMULATION: _simulate,
    ErpOperation.DELIVERY: _deliveries,
    ErpOperation.GOODS_ISSUE: _goods_issues,
    ErpOperation.BILLING: _billing,
    ErpOperation.BILLING_PDF: _pdf,
    ErpOperation.PAYMENT: _payments,
    ErpOperation.DOCUMENT_FLOW: _flow,
    ErpOperation.OPEN_ITEMS: _open_items,
    ErpOperation.MASTER_DATA: _master_data,
}
