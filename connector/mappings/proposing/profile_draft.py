"""The profile that is proposed for sample messages: field by field, with reasons and questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.addresses import Address, addresses_in
from connector.mappings.proposing.choosing import Proposed, choose
from connector.mappings.proposing.lines import Lines, any_lines, line_fields, lines_of, without_id
from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.order_fields import fields_of_order
from connector.mappings.proposing.payments import payments_in
from connector.mappings.proposing.sample_messages import Samples
from connector.mappings.proposing.smallest_units import in_smallest_units
from connector.mappings.proposing.structure import (
    Path,
    Structure,
    expression_of,
    structure_of,
)
from connector.mappings.proposing.sums import (
    Amount,
    LineAmounts,
    OrderAmounts,
    amounts_of,
    line_amounts,
    order_amounts,
)

#: How sure something is that adds up in all messages.
PROVEN: Final = 0.99
#: A field that no message has: until a person fills it in, messages are refused by its name.
_OPEN: Final = "fill_in"
#: A list whose name is at least this like what is looked for is that.
_IS_CALLED_SO: Final = 0.8
#: What is less sure is asked, where an order cannot be without it.
_SURE: Final = 0.85


@dataclass(slots=True)
class ProfileDraft:
    """
    What is proposed: ``message`` of the profile, and the fields of ``order`` by dotted name.

    ``each`` names lists (``lines``), ``unused`` are paths that nothing was proposed for,
    ``amounts`` is what was found about the sums.
    """

    message: dict[str, Any]
    fields: dict[str, Proposed] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    amounts: OrderAmounts | None = None
    messages: int = 0

    def add(self, found: Proposed) -> None:
        """Propose a field, and ask what it leaves open."""
        self.fields[found.field] = found
        self.questions += [each for each in found.questions if each not in self.questions]

    def ask(self, question: str) -> None:
        """Ask *question*, once."""
        if question not in self.questions:
            self.questions.append(question)


def draft_profile(samples: Samples) -> ProfileDraft:
    """
    Return the profile that *samples* suggest.

    Raises:
        ConfigurationError: nothing in them looks like the lines of an order.
    """
    structure = structure_of(samples.orders)
    is_table = samples.message["format"] in ("delimited", "xlsx")
    lines = lines_of(structure, known="lines" if is_table else "") or any_lines(structure)
    if lines is None:
        raise ConfigurationError(
            "the samples",
            "have no list that looks like the lines of an order",
            "Give complete orders with their lines, or write the profile by hand",
        )
    draft = ProfileDraft(dict(samples.message), messages=structure.count)
    if structure.count < 3:
        draft.ask("there are few samples: give more, with discounts, refunds and other countries")
    draft.questions += [f"a sample cannot be read: {each}" for each in samples.problems[:5]]
    homes, inner = addresses_in(structure)
    payments = payments_in(structure)
    fields = fields_of_order(
        structure, lines, away=[*inner, *([payments.path] if payments else [])]
    )
    _order(draft, fields)
    for kind, home in homes.items():
        _add_address(draft, kind, home, fields)
    _lines(draft, lines)
    _amounts(draft, structure, samples.orders, lines)
    for proposed in payments.fields if payments else ():
        draft.add(proposed)
    in_cents, question = in_smallest_units(draft.fields)
    draft.fields.update(in_cents)
    if question:
        draft.ask(question)
    _ask_what_came_back(draft, structure)
    if not payments:
        draft.ask("payments: nothing says what was paid; without payments none is posted")
    _required(draft, samples)
    known = payments.path if payments else None
    draft.unused = list(_unused(draft, structure, lines, known))
    return draft


def _ask_what_came_back(draft: ProfileDraft, structure: Structure) -> None:
    for path in (*structure.lists, *structure.objects):
        if likeness((path[-1],), vocabulary.REFUNDS) > _IS_CALLED_SO:
            where = expression_of(path)
            draft.ask(f"{where}: what came back is not proposed; see order.returns and payments")
            return


def _add_address(
    draft: ProfileDraft, kind: str, home: Address, fields: Mapping[str, Proposed]
) -> None:
    draft.add(_field(f"{kind}_address.when", home.when, home.confidence, "an address is there"))
    for proposed in home.fields:
        draft.add(replace(proposed, field=f"{kind}_address.{proposed.field}"))
    named = {each.field for each in home.fields}
    if not named & {"name", "company"} and "customer.name" in fields:
        whose = replace(
            fields["customer.name"], field=f"{kind}_address.name", confidence=0.6,
            why="the address names nobody: the buyer's name",
        )  # fmt: skip
        draft.add(whose)


def _field(name: str, expression: str, confidence: float, why: str) -> Proposed:
    return Proposed(name, expression, confidence, why)


def _order(draft: ProfileDraft, fields: Mapping[str, Proposed]) -> None:
    for target in vocabulary.ORDER:
        found = fields.get(target.field)
        if found is not None:
            draft.add(found)
            if target.asked and found.confidence < _SURE:
                draft.ask(f"order.{target.field}: {target.asked} {found.expression} was taken")
        elif target.asked:
            expression = "'EUR'" if target.field == "currency" else _OPEN
            draft.add(_field(target.field, expression, 0.0, "nothing looks like it"))
            draft.ask(f"order.{target.field}: {target.asked}")


def _lines(draft: ProfileDraft, lines: Lines) -> None:
    draft.add(
        _field("lines.each", lines.listed.expression, lines.confidence, "the list that looks most "
               "like lines")
    )  # fmt: skip
    fields = line_fields(lines, draft.message.get("same_in_all_lines", ()))
    sku = fields.get("sku")
    for target in vocabulary.LINE:
        found = fields.get(target.field)
        if found is not None:
            draft.add(replace(found, field=f"lines.{target.field}"))
            if target.asked and found.confidence < _SURE:
                draft.ask(f"lines.{target.field}: {target.asked} {found.expression} was taken")
        elif target.field == "line_id" and sku is not None:
            for each in without_id(lines, sku):
                draft.add(each)
        elif target.asked:
            draft.add(_field(f"lines.{target.field}", _OPEN, 0.0, "nothing looks like it"))
            draft.ask(f"lines.{target.field}: {target.asked}")


def _amounts(
    draft: ProfileDraft,
    structure: Structure,
    orders: Sequence[Mapping[str, Any]],
    lines: Lines,
) -> None:
    quantity = _quantity(lines)
    if quantity is None:
        return
    listed = _by_order(structure, orders, lines)
    ways = line_amounts(lines.structure, quantity, lines.listed.elements)
    found = order_amounts(structure, orders, listed, ways)
    draft.amounts = found
    if found.discount and not any(_discount(found.lines, each) for each in listed):
        # The lines' own discounts are zero everywhere: the order's may be the same money.
        found = replace(found, lines=replace(found.lines, discount=None))
    _line_amounts(draft, found.lines, found.tried and found.fits == found.tried)
    _order_parts(draft, orders, found)
    _taxes(draft, lines, found, orders, listed)
    if not found.total:
        draft.ask("totals.grand_total: which field is what the customer pays?")
    elif found.fits < found.tried:
        draft.ask(
            f"amounts add up in {found.fits} of {found.tried} messages: look for what else is in "
            "the total (fees, rounding, vouchers)"
        )


def _discount(found: LineAmounts, lines: Sequence[Mapping[str, Any]]) -> bool:
    return found.discount is not None and any(found.discount.of(line) for line in lines)


def _quantity(lines: Lines) -> Amount | None:
    proposed = choose(lines.structure, vocabulary.LINE).get("quantity")
    if proposed is None:
        return None
    named = next(t for t in vocabulary.LINE if t.field == "quantity").phrases
    return next((a for a in amounts_of(lines.structure, named) if a.path == proposed.path), None)


def _by_order(
    structure: Structure, orders: Sequence[Mapping[str, Any]], lines: Lines
) -> list[list[Mapping[str, Any]]]:
    """Return the lines of each order, none for an order without."""
    found = []
    for order in orders:
        alone = structure_of([order], structure.keyed).lists.get(lines.listed.path)
        found.append(list(alone.elements) if alone is not None else [])
    return found


def _line_amounts(draft: ProfileDraft, found: LineAmounts, adds_up: object) -> None:
    if found.price is None:
        draft.ask("lines.price: no price was found; without one the ERP's price holds")
        return
    sure = PROVEN if found.proven or adds_up else found.price.named * 0.7
    why = "price x quantity is the line's total" if found.proven else "by its name"
    if adds_up:
        why = "the lines add up to the total"
    expression = found.price.expression
    if found.is_for_line:
        quantity = found.quantity.expression
        expression = f"divided({expression}, {quantity})"
        why += "; it is the price of the whole line"
        draft.ask("lines.price: only the price of whole lines was found; it is divided")
    draft.add(Proposed("lines.price", expression, sure, why, found.price.path))
    if found.discount is not None:
        path = found.discount.expression
        draft.add(_field("lines.discounts.each", _where_there(found.discount), sure, ""))
        amount = f"abs({_number(path)})"
        draft.add(Proposed("lines.discounts.amount", amount, sure, why, found.discount.path))


def _order_parts(
    draft: ProfileDraft, orders: Sequence[Mapping[str, Any]], found: OrderAmounts
) -> None:
    adds_up = found.fits == found.tried and found.tried
    why = f"the sums of {found.fits} of {found.tried} messages"
    for name, amount, inner in (
        ("shipping", found.shipping, "price"),
        ("discounts", found.discount, "amount"),
        ("charges", found.charge, "amount"),
    ):
        if amount is None:
            continue
        is_used = any(amount.of(order) for order in orders)
        if not is_used and name == "charges":
            continue
        sure = PROVEN if adds_up and is_used else amount.named * 0.6
        told = why if is_used else "by its name; it is zero in all messages"
        number = _number(amount.expression)
        draft.add(_field(f"{name}.each", _where_there(amount), sure, ""))
        if name == "charges":
            draft.add(_field("charges.kind", f"'{amount.path[-1]}'", sure, "its name"))
            draft.ask(f"charges: what is {'.'.join(amount.path)}, and which condition takes it?")
        expression = f"abs({number})" if name == "discounts" else number
        draft.add(Proposed(f"{name}.{inner}", expression, sure, told, amount.path))
    if found.tax is not None:
        sure = PROVEN if adds_up else found.tax.named * 0.7
        draft.add(Proposed("totals.tax", found.tax.expression, sure, why, found.tax.path))
    if found.total is not None:
        sure = PROVEN if adds_up else found.total.named * 0.7
        draft.add(
            Proposed("totals.grand_total", found.total.expression, sure, why, found.total.path)
        )
    if "taxes_included" in draft.fields:
        return
    if found.taxes_included is None:
        draft.add(_field("taxes_included", "`false`", 0.0, "no message with tax tells"))
        told = "nothing is added to them: " if adds_up and found.tax is None else ""
        draft.ask(f"order.taxes_included: {told}do prices contain tax? (`true` or `false`)")
    else:
        told = "`true`" if found.taxes_included else "`false`"
        draft.add(_field("taxes_included", told, PROVEN if adds_up else 0.5, why))


def _taxes(
    draft: ProfileDraft,
    lines: Lines,
    found: OrderAmounts,
    orders: Sequence[Mapping[str, Any]],
    listed: Sequence[Sequence[Mapping[str, Any]]],
) -> None:
    """Propose the taxes of lines where they are all of the order's tax, else ask."""
    rates = amounts_of(lines.structure, vocabulary.TAX_RATE)
    taxes = [
        each
        for each in amounts_of(lines.structure, vocabulary.TAX)
        if not rates or each.path != rates[0].path
    ]
    if not rates or not taxes:
        return
    rate, tax = rates[0], taxes[0]
    sums = [sum(tax.of(line) or 0 for line in each) for each in listed]
    if found.tax is not None and any(
        found.tax.of(order) != own for order, own in zip(orders, sums, strict=True)
    ):
        draft.ask(
            f"lines.taxes: {tax.expression} of the lines is not all of the order's tax: where is "
            "the rest (shipping)?"
        )
        return
    whole = any((rate.of(line) or 0) > 1 for line in lines.listed.elements)
    number = f"multiply({rate.expression}, '0.01')" if whole else _number(rate.expression)
    draft.add(_field("lines.taxes.each", "[@]", 0.9, ""))
    draft.add(Proposed("lines.taxes.rate", number, rate.named, "by its name", rate.path))
    draft.add(Proposed("lines.taxes.amount", tax.expression, tax.named, "by its name", tax.path))


def _where_there(amount: Amount) -> str:
    """Return the list of one or none that has an amount only where it is there and not zero."""
    path = expression_of(amount.path)
    return f"[@] | [?{path} && {_number(amount.expression)} != `0`]"


def _number(expression: str) -> str:
    is_number = "(" in expression
    return expression if is_number else f"decimal({expression})"


def _required(draft: ProfileDraft, samples: Samples) -> None:
    """Require what each message has and an order cannot be without."""
    if samples.message["format"] not in ("json", "xml"):
        return
    wanted = [draft.fields.get(name) for name in ("external_id", "ordered_at")]
    paths: list[Path] = [each.path for each in wanted if each is not None and each.path]
    names = [path[0] for path in paths]
    first = (
        draft.fields["lines.each"]
        .expression.removeprefix("numbered(")
        .removeprefix("entries(")
        .partition(".")[0]
    )
    names.append(first.partition(",")[0].removesuffix("[]").strip('"'))
    there = [name for name in dict.fromkeys(names) if all(name in o for o in samples.orders)]
    draft.message["required"] = there


def _unused(
    draft: ProfileDraft, structure: Structure, lines: Lines, payments: Path | None
) -> Iterator[str]:
    used = {each.path for each in draft.fields.values() if each.path}
    for path in structure.leaves:
        if path not in used and (payments is None or path[: len(payments)] != payments):
            yield ".".join(path)
    for path in lines.structure.leaves:
        if path not in used:
            yield ".".join((*lines.listed.path, *path))
    for path in structure.lists:
        if path != lines.listed.path and not any("[]" in key for key in path):
            yield f"{'.'.join(path)}[]"
