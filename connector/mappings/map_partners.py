"""Partners of a document and of its items, with the addresses that are given with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connector.mappings.evaluation import At, Draft
from connector.mappings.rule_models import AddressRules, PartnerRules
from connector.mappings.scope import Scope
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.values import pad_number

Values = dict[str, Any]

_ADDRESS: Final = tuple(name for name in AddressRules.model_fields if name != "when")


def map_partners(
    draft: Draft,
    scope: Scope,
    rules: Sequence[PartnerRules],
    header: At,
    *,
    item_number: int | None = None,
    already: int = 0,
) -> list[Values]:
    """
    Return the partners of the header, or of an item.

    *header* is the document, under whose ``partners`` all of them stand; *already* is how many
    stand there before these.
    """
    found: list[Values] = []
    for number, rule in enumerate(rules):
        at = header.named(f"partners[{already + len(found)}]", f"partners[{number}]")
        if not draft.holds(rule.when, scope, at.key):
            continue
        customer = draft.required(rule.customer, scope, at.field("customer"))
        if customer is None:
            continue
        values: Values = {
            "function": PartnerFunction[rule.function.upper()],
            "customer": pad_number(str(customer)),
        }
        if item_number is not None:
            values["item_number"] = item_number
        address = at.field("address")
        if rule.address is not None and draft.holds(rule.address.when, scope, address.key):
            values["address"] = _address(draft, scope, rule.address, address)
        found.append(values)
    return found


def _address(draft: Draft, scope: Scope, rules: AddressRules, at: At) -> Values:
    values: Values = {}
    for field in _ADDRESS:
        rule = getattr(rules, field)
        if rule is None:
            continue
        find = draft.required if field in ("name", "country") else draft.value
        found = find(rule, scope, at.field(field))
        if found is not None:
            values[field] = found
    return values
