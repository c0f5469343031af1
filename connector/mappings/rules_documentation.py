"""
The reference pages of profiles and rules, made from their models.

`docs/reference/mapping-rules.md` and `docs/reference/channel-profiles.md` hold what these return; a
test compares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from connector.mappings import rule_models as rules
from connector.mappings import value_rules as values
from connector.mappings.checking.findings import KINDS
from connector.mappings.checking.values import most_characters
from connector.mappings.coercion import model_in, plain_type
from connector.mappings.expressions import Expression
from connector.mappings.external_order import ExternalOrder
from connector.mappings.function_packages import GROUP
from connector.mappings.problems import NOTICES

_EXAMPLE: Final = """\
```yaml
currency: order.currency                             # an expression
sales_order_type: {constant: TA, because: why}       # a fixed text, with the reason
payment_terms:                                       # the first that holds and is not empty
  - {constant: Z030, when: order.customer.customer_id}
  - {lookup: {table: terms, by: order.attributes.terms, column: terms}, default: "0001"}
order_reason: {value: order.attributes.reason, required: true}
```"""

#: The parts of the rules in the order of the page, and where each stands.
_PARTS: Final[tuple[tuple[str, type[BaseModel], str], ...]] = (
    ("The file", rules.RulesFile, ""),
    ("Reference", rules.ReferenceRules, "reference"),
    ("Tables", rules.TableRules, "tables.NAME"),
    ("Calendars", rules.CalendarRules, "calendars.NAME"),
    ("Lookups", values.Lookup, "lookups.NAME, documents.KIND.items.lookups.NAME, "
     "payments.lookups.NAME"),
    ("Places to look", values.LookupChoice, "lookups.NAME.choices"),
    ("Holds", rules.HoldRule, "holds"),
    ("Values", values.Choice, ""),
    ("Cells", values.Cell, "lookup"),
    ("Documents", rules.DocumentRules, "documents.KIND"),
    ("References of documents", rules.ReferenceDocumentRules, "documents.KIND.reference"),
    ("Items", rules.ItemRules, "documents.KIND.items"),
    ("References of items", rules.ReferenceItemRules, "documents.KIND.items.reference"),
    ("Schedule lines", rules.ScheduleLineRules, "documents.KIND.items.schedule_lines"),
    ("Partners", rules.PartnerRules, "documents.KIND.partners, documents.KIND.items.partners"),
    ("Addresses", rules.AddressRules, "address"),
    ("Conditions", rules.ConditionRules, "documents.KIND.conditions, "
     "documents.KIND.items.conditions"),
    ("Texts", rules.TextRules, "documents.KIND.texts, documents.KIND.items.texts"),
    ("Payments", rules.PaymentRules, "payments"),
)  # fmt: skip


def rules_page() -> str:
    """Return the page about mapping rules, as Markdown."""
    kinds = ", ".join(f"`{name}`" for name in get_args(rules.DocumentName))
    parts = "\n".join(_part(title, model, where) for title, model, where in _PARTS)
    notices = "\n".join(f"| `{n.code}` | {n.meaning} | {n.remedy} |" for n in NOTICES.values())
    kinds_of = "\n".join(f"| `{k.code}` | {k.level} | {k.meaning} |" for k in KINDS.values())
    return f"""# Mapping rules

Rules (`config/mappings/*.yaml`) say what an external order becomes in SAP SD. How the two stages \
of mapping work together is told in [how mapping works](../explanation/mapping.md); here every key \
is listed. KIND is one of {kinds}; a document with `like: KIND` takes what it lacks from that one.

A *value* is written short or long:

{_EXAMPLE}

An *expression* is JMESPath with [functions of the connector](mapping-functions.md). It sees \
`order`, every lookup by its name and `calendars`; within items `line` and `item` (`number`, \
`material`, `unit`); within `each` `entry`; within payments `payment`; within `among` `line`.

{parts}
## Including other rules
`include` names files beside or below the rules, each with keys for all that include it. The rules \
themselves win over what they include, and what is nearer wins over what is further; two included \
files that say different things of one key are refused, unless the rules decide. Values, lookups \
and tables are replaced as a whole; `null` takes one away. Lists are replaced as a whole, unless \
each element on both sides has a `name`: then elements of the same name are completed, others \
added, and `{{name: NAME, leave_out: true}}` takes one away. Tables and holidays are looked for \
beside the file that names them. The trace of each value names file and line of the rule that won.

## What was not certain
Mapping never guesses silently. These are listed with the amount they concern. Where the value, \
the lookup or the whole file is `strict`, those about tables and choices hold the order:

| notice | meaning | what to do |
|---|---|---|
{notices}

## What `config check` finds
`sd-connector config check` ends with 2 where something is wrong, with 1 where something is \
doubtful, with 0 otherwise; notes are listed with `--notes`.

| finding | level | meaning |
|---|---|---|
{kinds_of}

## Functions of your own
A Python package may bring functions: entry points of the group `{GROUP}`, whose names are the \
names in expressions. See [how to extend expressions](../how-to/extend-expressions.md).

## In your editor
`sd-connector config schema --output config/schemas` writes JSON Schemas. A file that begins with \
`# yaml-language-server: $schema=../schemas/rules.schema.json` is completed and underlined by \
editors with the YAML language server.
"""


def profiles_page() -> str:
    """Return the page about channel profiles, as Markdown."""
    parts = "\n".join(_order_parts(ExternalOrder, "order", {}))
    return f"""# Channel profiles

A profile (`config/channels/*.yaml`) says how a channel's messages become external orders. Its \
keys are `channel` (its name), `description`, `message` (the format of the messages: \
[message formats](message-formats.md)), `order` and `include`: files beside the profile whose keys \
hold where it has none of its own.

`order` mirrors the external order, field by field, each with a JMESPath expression over the \
message; [functions](mapping-functions.md) are those of the rules. What a channel does not have is \
left out. A list has `each`, the expression that yields its elements; inside, names are those of \
the element, and `parent` is what stands around it. `when` fills an object, or keeps an element, \
only where it holds. `attributes` are further values by name, for the rules: a mapping of names to \
expressions, or one expression that yields a mapping.

{parts}"""


def _part(title: str, model: type[BaseModel], where: str) -> str:
    keys = ", ".join(f"`{key}`" for key in where.split(", "))
    stands = f"\n\nStands at {keys}." if where else ""
    rows = "\n".join(_rows(model))
    return f"""## {title}
{_paragraphs(model)}{stands}

| key | takes | characters | if left out |
|---|---|---|---|
{rows}
"""


def _rows(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        longest = most_characters(model, name)
        left_out = "is refused" if field.is_required() else _default(field)
        yield f"| `{name}` | {_takes(field.annotation)} | {longest or ''} | {left_out} |"


def _default(field: Any) -> str:
    if field.default_factory is not None:
        made = field.default_factory()
        is_value = isinstance(made, values.ValueRule)
        text = made.choices[0].value.text if is_value and made.choices[0].value else ""
        return f"`{text}`" if text else ""
    if field.default in (None, "", (), False):
        return ""
    shown = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{shown}`"


_SHOWN: Final[dict[Any, str]] = {
    values.ValueRule: "a value",
    Expression: "an expression",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
}


def _takes(annotation: Any) -> str:
    inner = plain_type(annotation)
    if inner in _SHOWN:
        return _SHOWN[inner]
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        title = next((title for title, model, _ in _PARTS if model is inner), "")
        return f"see [{title}](#{title.lower().replace(' ', '-')})" if title else inner.__name__
    if get_origin(inner) is not None:
        return _takes_many(inner)
    return "a date" if getattr(inner, "__name__", "") == "date" else str(inner)


def _takes_many(inner: Any) -> str:
    origin = get_origin(inner)
    if origin is tuple and plain_type(get_args(inner)[0]) is Expression:
        return "an expression, or a list of them"
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(inner))
    if origin is tuple:
        return f"a list, each {_takes(get_args(inner)[0])}"
    if origin is dict:
        return f"names, each: {_takes(get_args(inner)[1])}"
    return str(inner)


def _order_parts(
    model: type[BaseModel], where: str, seen: dict[type[BaseModel], str]
) -> Iterator[str]:
    """Yield a section for *model* and for everything in it, each model once."""
    if model in seen:
        return
    seen[model] = f"`{where}`"
    inner: list[tuple[type[BaseModel], str]] = []
    yield f"## `{where}`\n{_paragraphs(model)}\n"
    yield "| field | is | needed |\n|---|---|---|"
    for name, field in model.model_fields.items():
        if where == "order" and name == "channel":
            continue
        found, many = model_in(field.annotation)
        if found is not None:
            inner.append((found, f"{where}.{name}{'[]' if many else ''}"))
            kind = f"a list, see `{where}.{name}[]`" if many else f"see `{where}.{name}`"
            if found in seen:
                kind = f"{'a list ' if many else ''}as {seen[found]}"
        else:
            kind = _kind(field.annotation)
        yield f"| `{name}` | {kind} | {'yes' if field.is_required() else ''} |"
    yield ""
    for found, place in inner:
        yield from _order_parts(found, place, seen)


def _kind(annotation: Any) -> str:
    inner = plain_type(annotation)
    if get_origin(inner) is dict:
        return "texts by name"
    name = getattr(inner, "__name__", str(inner))
    return {
        "str": "text",
        "Decimal": "number",
        "bool": "true or false",
        "date": "date",
        "AwareDatetime": "moment, with its time zone",
        "ExternalPaymentKind": "`received` or `refunded`",
        "ExternalReturnKind": "`goods`, `credit` or `debit`",
    }.get(name, name)


def _paragraphs(model: type[BaseModel]) -> str:
    """Return the docstring of *model* as Markdown: literals in single backticks."""
    paragraphs = (model.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(each.split()).replace("``", "`") for each in paragraphs)
