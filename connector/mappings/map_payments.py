"""The channel's payments as postings to come."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from connector.mappings.compiled_rules import CompiledPayments
from connector.mappings.evaluation import Draft
from connector.mappings.external_order import ExternalOrder, ExternalPaymentKind
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
    found: list[MappedPayment] = []
    listed = scope.values["order"]["payments"]
    explained = {each.payment_id for returned in order.returns for each in returned.payments}
    for number, payment in enumerate(order.payments):
        path = f"payments[{number}]"
        refunded = payment.kind is ExternalPaymentKind.REFUNDED
        if refunded and payment.payment_id not in explained:
            draft.problem(
                "REFUNDED_ORDER",
                f"{payment.amount:f} {payment.currency} went back to the customer (payment "
                f"{payment.payment_id}); decide what is still to be delivered",
                path,
            )
            continue
        if payment.currency != order.currency:
            draft.problem(
                "PAYMENT_CURRENCY",
                f"payment {payment.payment_id} is in {payment.currency}, the order in "
                f"{order.currency}; post it by hand or map the order in {payment.currency}",
                path,
            )
            continue
        if refunded:
            continue  # the provider paid it back; the return's credit memo is what the ERP has
        inner = scope.with_name("payment", listed[number], Source(path))
        for lookup in rules.lookups:
            inner = draft.lookup(lookup, inner)
        values: dict[str, Any] = {
            field: draft.required(value, inner, f"{path}.") for field, value in rules.fields
        }
        if any(value is None for value in values.values()):
            continue
        try:
            found.append(
                MappedPayment(
                    **{**values, "payer": pad_number(str(values["payer"]))},
                    payment_id=payment.payment_id,
                    gateway=payment.gateway,
                    remainder=Remainder(payment.remainder),
                    amount=Money(amount=payment.amount, currency=payment.currency),
                    reference=payment_reference(
                        rules.reference_prefix, order.channel, payment.payment_id
                    ),
                )
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            draft.problem(
                "VALUE_NOT_VALID",
                f"{path}: {first['msg'].removeprefix('Value error, ')}; correct the payments rule",
                path,
            )
    return tuple(found)
