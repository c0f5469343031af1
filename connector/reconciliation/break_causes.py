"""
Which step of an order's flow, or which document, brought a break about.

The connector's own records say it: what a step waits for, what the ERP refused, what holds the
order. Where it made the document itself without trouble, the document is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connector.ports.step_state import FINAL, Operation
from connector.ports.store import FlowStore
from connector.ports.store_records import FlowView, Step
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Break

_ORDER: Final = (Operation.CREATE_SALES_ORDER, Operation.CHANGE_SALES_ORDER)
_DELIVERY: Final = (Operation.CREATE_DELIVERY, Operation.POST_GOODS_ISSUE)
_BILLING: Final = (Operation.CREATE_BILLING_DOCUMENT, Operation.RELEASE_BILLING_BLOCK)
_RETURNS: Final = (
    Operation.CREATE_RETURNS_ORDER,
    Operation.CREATE_CREDIT_MEMO_REQUEST,
    *_BILLING,
)
_PAYMENT: Final = (Operation.POST_PAYMENT,)

#: The steps in which a difference arises, by its code; the last one that ran comes first.
_STEPS: Final[Mapping[BreakCode, tuple[Operation, ...]]] = {
    **dict.fromkeys(
        (
            BreakCode.MISSING_ORDER,
            BreakCode.DUPLICATE_ORDER,
            BreakCode.ORDER_BLOCKED,
            BreakCode.ORDER_INCOMPLETE,
            BreakCode.QTY_DIFF,
            BreakCode.PRICE_DIFF,
            BreakCode.DISCOUNT_DIFF,
            BreakCode.FREIGHT_DIFF,
            BreakCode.TAX_CODE_DIFF,
            BreakCode.TAX_ROUNDING,
            BreakCode.CURRENCY_MISMATCH,
            BreakCode.CURRENCY_SCALE,
            BreakCode.PAYER_MISMATCH,
            BreakCode.TERMS_MISMATCH,
            BreakCode.LINK_GAP,
            BreakCode.AMBIGUOUS,
        ),
        _ORDER,
    ),
    **dict.fromkeys(
        (BreakCode.QTY_OVER_DELIVERED, BreakCode.QTY_UNDER_DELIVERED, BreakCode.GI_MISSING),
        _DELIVERY,
    ),
    **dict.fromkeys(
        (
            BreakCode.MISSING_BILLING,
            BreakCode.BILLING_NOT_POSTED,
            BreakCode.BILLING_FI_DIFF,
            BreakCode.CANCEL_NOT_CLEARED,
        ),
        _BILLING,
    ),
    **dict.fromkeys(
        (
            BreakCode.CREDIT_PENDING,
            BreakCode.REFUND_WITHOUT_CREDIT,
            BreakCode.CREDIT_WITHOUT_REFUND,
        ),
        _RETURNS,
    ),
    **dict.fromkeys(
        (
            BreakCode.MISSING_PAYMENT,
            BreakCode.UNDERPAYMENT,
            BreakCode.UNEARNED_DISCOUNT,
            BreakCode.OVERPAYMENT,
            BreakCode.DUPLICATE_PAYMENT,
            BreakCode.UNAPPLIED_CASH,
            BreakCode.MISAPPLIED,
            BreakCode.OVERPAID_AFTER_REBILL,
        ),
        _PAYMENT,
    ),
}
#: Business keys under which the store finds an order, the surest first.
_KEYS: Final = (
    "external_id", "sales_order", "order", "delivery", "billing_document", "invoice", "receipt",
    "document", "payment", "payment_id",
)  # fmt: skip


class Causes:
    """Looks causes up in the connector's records; orders are read once."""

    def __init__(self, store: FlowStore) -> None:
        self._store = store
        self._views: dict[str, FlowView | None] = {}

    def of(self, found: Break) -> dict[str, str]:
        """
        Return what brought *found* about, as texts; empty when the connector has no record of it.

        Keys: ``break`` (another break's id), ``order``, ``step``, ``step_state``, ``document``,
        ``hold``, ``says``.
        """
        cause = {"break": found.cause} if found.cause else {}
        view = self.flow_of(found)
        if view is None:
            return cause
        cause["order"] = f"{view.flow.channel}/{view.flow.external_id}"
        if view.holds:
            cause["hold"] = view.holds[0].reason
            cause["says"] = view.holds[0].message
        step = _step(view, _STEPS.get(found.code, ()))
        if step is not None:
            cause["step"] = step.operation.value
            cause["step_state"] = step.state.value
            if step.numbers:
                cause["document"] = ", ".join(step.numbers)
            if step.last_error and step.state not in FINAL:
                cause.setdefault("says", step.last_error)
        return cause

    def flow_of(self, found: Break) -> FlowView | None:
        """Return the order that *found* is about, None where the connector knows of none."""
        for name in _KEYS:
            value = found.key(name)
            if value:
                view = self._view(value.rpartition("/")[2] if name == "receipt" else value, found)
                if view is not None:
                    return view
        return None

    def _view(self, number: str, found: Break) -> FlowView | None:
        channel = found.key("channel")
        key = f"{channel}\x1f{number}"
        if key not in self._views:
            views = self._store.flows.views(self._store.flows.find(number))
            fitting = [view for view in views if channel in ("", view.flow.channel)]
            self._views[key] = fitting[0] if len(fitting) == 1 else None
        return self._views[key]


def _step(view: FlowView, operations: tuple[Operation, ...]) -> Step | None:
    """Return the step that stands in the way, else the newest of *operations* that was done."""
    steps = [step for step in view.steps if step.operation in operations]
    waiting = [step for step in steps if step.state not in FINAL]
    candidates = waiting or steps
    return candidates[-1] if candidates else None
