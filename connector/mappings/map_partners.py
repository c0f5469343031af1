"""Partners of a document and of its items, with the addresses that are given with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.mappings.compiled_rules import (
    ADDRESS_REQUIRED,
    CompiledAddress,
    CompiledPartner,
)
from connector.mappings.evaluation import Draft
from connector.mappings.scope import Scope
from connector.sd_documents.values import pad_number

Values = dict[str, Any]


def map_partners(
    draft: Draft,
    scope: Scope,
    rules: Sequence[CompiledPartner],
    *,
    item_number: int | None = None,
    already: int = 0,
) -> list[Values]:
    """
    Return the partners of the header, or of an item.

    All stand under ``partners`` of the document; *already* is how many stand there before these.
    """
    found: list[Values] = []
    for rule in rules:
        if not draft.holds(rule.when, scope, rule.key):
            continue
        prefix = f"partners[{already + len(found)}]."
        customer = _customer(draft, scope, rule, prefix)
        if customer is None:
            continue
        values: Values = {"function": rule.function, "customer": pad_number(str(customer))}
        if item_number is not None:
            values["item_number"] = item_number
        address = rule.address
        if address is not None and draft.holds(address.when, scope, address.key):
            values["address"] = _address(draft, scope, address, prefix)
        found.append(values)
    return found


def _customer(draft: Draft, scope: Scope, rule: CompiledPartner, prefix: str) -> Any:
    if rule.one_time_customer is None:
        return draft.required(rule.customer, scope, prefix)
    customer = draft.value(rule.customer, scope, prefix)
    if customer is not None:
        return customer
    one_time = draft.required(rule.one_time_customer, scope, prefix)
    if one_time is not None:
        draft.notice(
            "ONE_TIME_CUSTOMER",
            f"no customer was found by {rule.customer.key}: the one-time account {one_time} was "
            "taken",
            f"{prefix}customer",
            rule.one_time_customer.key,
            scope,
        )
    return one_time


def _address(draft: Draft, scope: Scope, rules: CompiledAddress, prefix: str) -> Values:
    values: Values = {}
    for field, value in rules.fields:
        find = draft.required if field in ADDRESS_REQUIRED else draft.value
        found = find(value, scope, prefix)
        if found is not None:
            values[field] = found
    return values
