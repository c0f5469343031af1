"""The channel's payments as postings to come."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from connector.mappings.compiled_rules import CompiledPayments
from connector.mappings.evaluation import Draft
from connector.mappings.external_order import (
    ExternalOrder,
    ExternalPayment,
    ExternalPaymentKind,
)
from connector.mappings.mapped_order import MappedPayment
from connector.mappings.references import payment_reference
from connector.mappings.scope import Scope, Source
from connector.sd_documents.payment import Remainder
from connector.sd_documents.values import Money, pad_number


def map_payments(
    draft: Draft, scope: Scope, rules: CompiledPayments, order: ExternalOrder
) -> tuple[MappedPayment, ...]:
    """
    Return the payments that came in.

    Money that went back is a problem of the order, unless one of its returns says what for.
    """
    listed = scope.values["order"]["payments"]
    explained = {each.payment_id for returned in order.returns for each in returned.payments}
    found: list[MappedPayment] = []
    for number, payment in enumerate(order.payments):
        path = f"payments[{number}]"
        if not _is_to_post(draft, order, payment, path, explained):
            continue
        inner = scope.with_name("payment", listed[number], Source(path))
        for lookup in rules.lookups:
            inner = draft.lookup(lookup, inner)
        values: dict[str, Any] = {
            field: draft.required(value, inner, f"{path}.") for field, value in rules.fields
        }
        if any(value is None for value in values.values()):
            continue
        reference = payment_reference(rules.reference_prefix, order.channel, payment.payment_id)
        try:
            found.append(_mapped(payment, values, reference))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            draft.problem(
                "VALUE_NOT_VALID",
                f"{path}: {first['msg'].removeprefix('Value error, ')}; correct the payments rule",
                path,
            )
    return tuple(found)


def _is_to_post(
    draft: Draft,
    order: ExternalOrder,
    payment: ExternalPayment,
    path: str,
    explained: Collection[str],
) -> bool:
    """Tell whether *payment* came in as the order has it; note it where a person must decide."""
    refunded = payment.kind is ExternalPaymentKind.REFUNDED
    if refunded and payment.payment_id not in explained:
        draft.problem(
            "REFUNDED_ORDER",
            f"{payment.amount:f} {payment.currency} went back to the customer (payment "
            f"{payment.payment_id}); decide what is still to be delivered",
            path,
        )
        return False
    if payment.currency != order.currency:
        draft.problem(
            "PAYMENT_CURRENCY",
            f"payment {payment.payment_id} is in {payment.currency}, the order in "
            f"{order.currency}; post it by hand or map the order in {payment.currency}",
            path,
        )
        return False
    # The provider paid a refund back; the return's credit memo is what the ERP has.
    return not refunded


def _mapped(payment: ExternalPayment, values: dict[str, Any], reference: str) -> MappedPayment:
    return MappedPayment(
        **{**values, "payer": pad_number(str(values["payer"]))},
        payment_id=payment.payment_id,
        gateway=payment.gateway,
        remainder=Remainder(payment.remainder),
        amount=Money(amount=payment.amount, currency=payment.currency),
        reference=reference,
    )
