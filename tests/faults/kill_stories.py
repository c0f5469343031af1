"""
The stories of the kill matrix: orders of the portal with all that may follow from them.

A story is told in phases. Each begins with something that happens outside of the connector (a
message arrives, a person asks for something), and ends when the connector has done its part. A
phase may begin again: what happened before is not done twice by those who tell the story.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from connector.bootstrap.application import Application
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.ports.step_state import FINAL, Operation, StepState
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from connector.sync import requests
from connector.sync.chain import valid_invoices
from connector.sync.plan import Plan, load_plan

CHANNEL: Final = "portal"
DAY: Final = "2026-03-02"
LATER: Final = "2026-03-16"
#: Kinds of systems on which something is charged on top: over OData alone it cannot be.
CHARGES: Final = ("ecc", "s4-mixed")


class Control(Protocol):
    """What may be done to the simulated ERP."""

    def __call__(self, name: str, /, **arguments: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells one order's story: what they can see and do."""

    application: Application
    control: Control
    external_id: str
    profile: str
    inbox: Path

    @property
    def view(self) -> FlowView | None:
        """The order's flow as it is stored now."""
        flows = self.application.store.flows
        views = flows.views(flows.find(self.external_id))
        return next((v for v in views if v.flow.external_id == self.external_id), None)

    def drop(self, name: str, order: Mapping[str, Any]) -> None:
        """Let a message arrive; it arrives once, however often this is called."""
        told = self.inbox.parent / f"{name}.told"
        if told.exists():
            return
        (self.inbox / f"{self.external_id}-{name}.json").write_text(json.dumps(order), "utf-8")
        told.touch()

    def has_asked(self, operation: Operation, document: str) -> bool:
        """Tell whether a person's wish about *document* is known to the connector."""
        view = self.view
        return view is not None and any(
            step.operation is operation and step.sequence_key.partition("/")[0] == document
            for step in view.steps
        )

    def asking(self, reason: str) -> dict[str, Any]:
        """Return what every wish of a person is told with."""
        return {"by": "anna", "reason": reason}


Act = Callable[[Teller], None]
Reached = Callable[[Teller], bool]


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase. ``jobs`` are those that the ERP runs after each pass meanwhile."""

    act: Act
    reached: Reached
    bills: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    """A story, the plan it goes by, and the kinds of systems on which it can be told."""

    name: str
    phases: tuple[Phase, ...]
    documents: Mapping[str, Any]
    profiles: tuple[str, ...] = ("ecc", "s4", "s4-mixed")

    def plan(self, profile: str) -> Plan:
        """Return the plan; what a profile cannot create is observed or does not occur."""
        content = load_plan(shipped("config/plans/order-to-cash.yaml")).model_dump()
        for name, changed in self.documents.items():
            content[name] = {**content[name], **changed}
        if profile != "ecc":
            # Returns deliveries have no service over OData: the ERP's people make them.
            content["returns_delivery"]["by"] = content["goods_receipt"]["by"] = "absent"
        if profile == "s4":
            content["billing"]["by"] = "observe"
            for name in ("inquiry", "debit_memo_request"):
                content[name]["by"] = "absent"
        return Plan.model_validate({**content, "name": "story"})


# -- orders --------------------------------------------------------------------------------------


def an_order(
    teller: Teller, pieces: Mapping[str, int] | None = None, *, day: str = DAY, **more: Any
) -> dict[str, Any]:
    """Return an order of pieces by line; on ECC the portal says when goods leave."""
    lines = []
    for line_id, quantity in (pieces or {"10": 1}).items():
        schedule = {"date": day, "quantity": str(quantity)}
        if teller.profile == "ecc":
            schedule |= {"available_on": day, "issue_on": day}
        lines.append(
            {
                "id": line_id,
                "product": "M-01",
                "quantity": str(quantity),
                "unit": "PC",
                "price": "100.00",
                "schedule": [schedule],
            }
        )
    return {
        "id": teller.external_id,
        "ordered_at": f"{DAY}T08:00:00+01:00",
        "currency": "EUR",
        "customer": "1001",
        "requested_delivery_date": day,
        "lines": lines,
        **more,
    }


def a_payment(external_id: str, amount: str = "119.00") -> dict[str, str]:
    """Return money for the order."""
    return {
        "id": f"B{external_id.removeprefix('EXT-')}",
        "method": "transfer",
        "amount": amount,
        "received_at": f"{DAY}T08:30:00+01:00",
    }


@cache
def _portal() -> Any:
    return (
        load_profile(shipped("config/channels/portal.yaml")),
        load_rules(shipped("config/mappings/portal.yaml")),
    )


def payment_reference(external_id: str) -> str:
    """Return the reference under which FI has the payment of the order."""
    profile, rules = _portal()
    order = {
        "id": external_id,
        "ordered_at": f"{DAY}T08:00:00+01:00",
        "currency": "EUR",
        "customer": "1001",
        "lines": [{"id": "10", "product": "M-01", "quantity": "1", "unit": "PC"}],
        "payments": [a_payment(external_id)],
    }
    [message] = read_orders(profile, json.dumps(order).encode(), "order.json")
    assert isinstance(message, InboundOrder)
    [payment] = map_order(message.order, rules, ()).payments
    return payment.reference


# -- what is waited for --------------------------------------------------------------------------


def _at_rest(view: FlowView | None) -> bool:
    return view is not None and view.flow.is_mirrored and all(s.state in FINAL for s in view.steps)


def _completed(teller: Teller) -> bool:
    view = teller.view
    return _at_rest(view) and view is not None and view.flow.closed_at is not None


def _done(operation: Operation, times: int = 1) -> Reached:
    def reached(teller: Teller) -> bool:
        view = teller.view
        if view is None or not _at_rest(view):
            return False
        done = [s for s in view.steps if s.operation is operation and s.state is StepState.DONE]
        return len(done) >= times

    return reached


def _billed(times: int) -> Reached:
    """Wait until there are so many billing documents that are valid."""

    def reached(teller: Teller) -> bool:
        view = teller.view
        return view is not None and _at_rest(view) and len(valid_invoices(view)) >= times

    return reached


def _billed_again(teller: Teller) -> bool:
    view = teller.view
    return view is not None and _billed(1)(teller) and len(view.billing_documents) >= 3


def _corrections_billed(teller: Teller) -> bool:
    view = teller.view
    blocked = view is None or any(each.billing_block_reason for each in view.sales_documents)
    wanted = 4 if teller.profile in CHARGES else 3
    return (
        not blocked
        and view is not None
        and _at_rest(view)
        and len(view.billing_documents) >= wanted
    )


# -- what happens --------------------------------------------------------------------------------


def _orders(name: str, pieces: Mapping[str, int] | None = None, **more: Any) -> Act:
    return lambda teller: teller.drop(name, an_order(teller, pieces, **more))


def _orders_and_pays(teller: Teller) -> None:
    totals = {"tax": "19.00", "gross": "119.00"}
    payments = [a_payment(teller.external_id)]
    teller.drop("order", an_order(teller, totals=totals, payments=payments))


def _sends_back(teller: Teller) -> None:
    """Goods come back, something is credited, and where it can be, something is charged."""
    kinds = {"R1": "goods", "R2": "credit"}
    if teller.profile in CHARGES:
        kinds["R3"] = "debit"
    returns = [
        {
            "id": return_id,
            "kind": kind,
            "at": f"{DAY}T09:00:00+01:00",
            "reason": "damaged",
            "lines": [{"id": "10", "quantity": "1"}],
        }
        for return_id, kind in kinds.items()
    ]
    order = an_order(teller, {"10": 3}, updated_at=f"{DAY}T09:00:00+01:00", returns=returns)
    teller.drop("returns", order)


def _corrections_made(teller: Teller) -> bool:
    operations = [Operation.CREATE_RETURNS_ORDER, Operation.CREATE_CREDIT_MEMO_REQUEST]
    if teller.profile in CHARGES:
        operations.append(Operation.CREATE_DEBIT_MEMO_REQUEST)
    movements = 2 if teller.profile == "ecc" else 1
    return _done(Operation.POST_GOODS_ISSUE, movements)(teller) and all(
        _done(operation)(teller) for operation in operations
    )


def _releases_blocks(teller: Teller) -> None:
    """A person has checked what came back: it may be billed."""
    view, application = _view(teller), teller.application
    for document in view.sales_documents:
        if document.category is DocumentCategory.RETURNS_ORDER and teller.profile != "ecc":
            teller.control("receive goods", number=document.number)
        asked = teller.has_asked(Operation.RELEASE_BILLING_BLOCK, document.number)
        if document.billing_block_reason and not asked:
            requests.release_billing_block(
                application.store,
                application.clock,
                view,
                document.number,
                **teller.asking("checked"),
            )


def _cancels_the_invoice(*, rebill: bool) -> Act:
    def act(teller: Teller) -> None:
        view, application = _view(teller), teller.application
        invoice = min(
            document.number
            for document in view.billing_documents
            if document.category is DocumentCategory.INVOICE
        )
        if not teller.has_asked(Operation.CANCEL_BILLING_DOCUMENT, invoice):
            requests.cancel_billing(
                application.store,
                application.clock,
                view,
                application.plan("story"),
                invoice,
                today=application.context.today(),
                rebill=rebill,
                **teller.asking("wrong address"),
            )

    return act


def _takes_goods_back(teller: Teller) -> None:
    view, application = _view(teller), teller.application
    [delivery] = view.deliveries
    if not teller.has_asked(Operation.REVERSE_GOODS_ISSUE, delivery.number):
        requests.reverse_goods_issue(
            application.store,
            application.clock,
            view,
            application.plan("story"),
            delivery.number,
            today=application.context.today(),
            **teller.asking("not loaded"),
        )


def _view(teller: Teller) -> FlowView:
    view = teller.view
    assert view is not None
    return view


# -- the stories ---------------------------------------------------------------------------------

_INVOICED: Final = Phase(_orders("order"), _billed(1))

#: Orders that arrive together in `A_BATCH`.
BATCH: Final = 5


def _orders_of_a_batch(teller: Teller) -> None:
    """Several orders in one file; all of them belong to the order's id."""
    orders = []
    for number in range(BATCH):
        order = an_order(teller, day=LATER)
        orders.append({**order, "id": f"{teller.external_id}/{number}" if number else order["id"]})
    teller.drop("batch", {"orders": orders})


def _all_ordered(teller: Teller) -> bool:
    views = list(teller.application.store.all_views())
    return len(views) == BATCH and all(
        _at_rest(view) and view.step(Operation.CREATE_SALES_ORDER) is not None for view in views
    )


#: Not part of the matrix of points: for kills elsewhere.
A_BATCH: Final = Story("orders in one file", (Phase(_orders_of_a_batch, _all_ordered),), {})

STORIES: Final = (
    Story(
        "an order that is paid",
        (Phase(_orders_and_pays, _completed),),
        {"inquiry": {"by": "create"}, "quotation": {"by": "create"}},
    ),
    Story(
        "an order that changes",
        (
            Phase(
                _orders("order", {"10": 2, "20": 1}, day=LATER),
                _done(Operation.CREATE_SALES_ORDER),
            ),
            Phase(
                _orders(
                    "more",
                    {"10": 5, "20": 1, "30": 4},
                    day=LATER,
                    updated_at=f"{DAY}T09:00:00+01:00",
                ),
                _done(Operation.CHANGE_SALES_ORDER),
            ),
            Phase(
                _orders(
                    "less",
                    {"10": 5, "30": 3},
                    day=LATER,
                    updated_at=f"{DAY}T10:00:00+01:00",
                ),
                _done(Operation.CHANGE_SALES_ORDER, 2),
            ),
        ),
        {},
    ),
    Story(
        "an offer that changes",
        (
            Phase(_orders("order", {"10": 2}), _done(Operation.CREATE_QUOTATION)),
            Phase(
                _orders("more", {"10": 5}, updated_at=f"{DAY}T09:00:00+01:00"),
                _done(Operation.CHANGE_QUOTATION),
            ),
        ),
        {"quotation": {"by": "create"}, "sales_order": {"wait_days": 14}},
    ),
    Story(
        "an order of which some comes back",
        (
            Phase(_orders("order", {"10": 3}), _billed(1)),
            Phase(_sends_back, _corrections_made),
            Phase(_releases_blocks, _corrections_billed),
        ),
        {},
    ),
    Story(
        "an invoice that is made again",
        (_INVOICED, Phase(_cancels_the_invoice(rebill=True), _billed_again)),
        {},
    ),
    Story(
        "goods that did not leave",
        (
            _INVOICED,
            Phase(
                _cancels_the_invoice(rebill=False),
                _done(Operation.CANCEL_BILLING_DOCUMENT),
                bills=False,
            ),
            Phase(_takes_goods_back, _done(Operation.REVERSE_GOODS_ISSUE), bills=False),
        ),
        {},
    ),
)


def story(name: str) -> Story:
    """Return the story of that name."""
    return next(each for each in (*STORIES, A_BATCH) if each.name == name)
