"""Fields of a document that the rules could fill, and those that no rule fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from connector.mappings.expressions import Expression
from connector.mappings.field_names import without_positions
from connector.mappings.rule_models import DocumentRules, PaymentRules
from connector.mappings.value_rules import Lookups, Rule, ValueRule
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem
from connector.sd_documents.values import DocumentCategory

Key = tuple[str | int, ...]

_AREA: Final = ("sales_organization", "distribution_channel", "division")
#: Where a rule's name is not the document's.
_ITEM_PATHS: Final = {
    "unit": "requested_quantity.unit",
    "quantity": "requested_quantity.value",
    "requested_delivery_date": "schedule_lines.requested_delivery_date",
}
#: What mapping itself fills, or what is no field of its own.
_OWN: Final = frozenset(
    {
        "category", "purchase_order_by_customer", "sales_area", "partners", "items", "conditions",
        "texts", "reference_document", "reference_category", "item_number", "line_id",
        "requested_quantity", "schedule_lines", "reference",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleOfField:
    """
    A field at ``path`` (without positions), its other ``names``, and the rule that may fill it.

    ``key`` is that of the rule, empty where there is none; ``shown`` what it reads, ``reads`` the
    fields of the external order behind that, also those that its lookups go by.
    """

    path: str
    names: tuple[str, ...]
    key: Key = ()
    shown: str = ""
    reads: frozenset[str] = frozenset()

    @property
    def rule(self) -> str:
        """The key of the rule as traces write it."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.key)
        return "".join(parts).lstrip(".")


def rules_of_fields(
    category: DocumentCategory, rules: DocumentRules, of_all: Lookups
) -> Iterator[RuleOfField]:
    """
    Yield the fields for which *rules* of a document have a rule, filled or not.

    *of_all* are the lookups that stand above all documents.
    """
    at: Key = ("documents", category.name.lower())
    items = rules.items
    lookups = {**of_all, **items.lookups}
    for name, rule in _values(rules):
        path = f"sales_area.{name}" if name in _AREA else name
        yield _field(path, (path, name), (*at, name), rule, lookups)
    for name, rule in _values(items):
        path = f"items.{_ITEM_PATHS.get(name, name)}"
        names = (path, f"items.{name}", name)
        yield _field(path, names, (*at, "items", name), rule, lookups)
    for prefix, inner, where in (("", rules, at), ("items.", items, (*at, "items"))):
        for number, partner in enumerate(inner.partners):
            key = (*where, "partners", number)
            named = (partner.function, f"{partner.function}.customer")
            path = f"{prefix}partners.{partner.function}.customer"
            yield _field(path, (path, *named), (*key, "customer"), partner.customer, lookups)
            for name, rule in _values(partner.address) if partner.address else ():
                path = f"{prefix}partners.{partner.function}.address.{name}"
                more = (f"{partner.function}.{name}", f"address.{name}", name)
                yield _field(path, (path, *more), (*key, "address", name), rule, lookups)
        for number, condition in enumerate(inner.conditions):
            path = f"{prefix}conditions.{condition.condition_type}.rate"
            names = (path, f"{condition.condition_type}.rate", condition.condition_type)
            own = (*where, "conditions", number, "rate")
            yield _field(path, names, own, condition.rate, lookups, condition.when)
        for number, text in enumerate(inner.texts):
            path = f"{prefix}texts.{text.text_id}"
            own = (*where, "texts", number, "content")
            yield _field(path, (path, text.text_id), own, text.content, lookups, text.when)


def rules_of_payments(rules: PaymentRules, of_all: Lookups) -> Iterator[RuleOfField]:
    """Yield the fields of payments for which there is a rule."""
    lookups = {**of_all, **rules.lookups}
    for name, rule in _values(rules):
        path = f"payments.{name}"
        yield _field(path, (path, name), ("payments", name), rule, lookups)


def fields_without_rule(known: Iterable[str]) -> Iterator[RuleOfField]:
    """Yield the fields of documents and items that are not among *known*: the ERP fills them."""
    there = set(known)
    for prefix, model in (("", SalesDocument), ("items.", SalesDocumentItem)):
        for name in model.model_fields:
            path = f"{prefix}{name}"
            if name not in _OWN and path not in there:
                yield RuleOfField(path, (path, name))


def _values(rules: Rule) -> Iterator[tuple[str, ValueRule]]:
    for name in type(rules).model_fields:
        found = getattr(rules, name)
        if isinstance(found, ValueRule):
            yield name, found


def _field(  # noqa: PLR0917
    path: str,
    names: tuple[str, ...],
    key: Key,
    rule: ValueRule,
    lookups: Lookups,
    when: Expression | None = None,
) -> RuleOfField:
    shown: list[str] = []
    read: list[Expression] = [when] if when is not None else []
    for choice in rule.choices:
        if choice.value is not None:
            shown.append(choice.value.text)
            read.append(choice.value)
        elif choice.lookup is not None:
            shown.append(f"{choice.lookup.table}.{choice.lookup.column}")
            read += choice.lookup.by
        else:
            shown.append(f"'{choice.constant}'")
        if choice.when is not None:
            shown[-1] += f" (when {choice.when.text})"
            read.append(choice.when)
    text = " or ".join(shown) + (f" (when {when.text})" if when is not None else "")
    reads = frozenset(found for each in read for found in _sources(each, lookups))
    return RuleOfField(path, tuple(dict.fromkeys(names)), key, text, reads)


def _sources(expression: Expression, lookups: Lookups) -> Iterator[str]:
    """Yield the fields of the external order that *expression* reads, without positions."""
    for path in expression.paths:
        head, _, rest = without_positions(path).partition(".")
        if head == "order" and rest:
            yield rest
        elif head == "line" and rest:
            yield f"lines.{rest}"
        elif head == "payment" and rest:
            yield f"payments.{rest}"
        elif head in lookups:
            for choice in lookups[head].choices:
                for by in choice.by:
                    yield from _sources(by, {})
