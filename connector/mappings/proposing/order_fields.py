"""Which leaves of the samples say something of an order as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.addresses import full_name
from connector.mappings.proposing.choosing import Proposed, choose, first_moment, identifier
from connector.mappings.proposing.lines import Lines
from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.structure import Path, Structure


def fields_of_order(
    structure: Structure, lines: Lines, away: Sequence[Path]
) -> dict[str, Proposed]:
    """Return what is said of the order as a whole; *away* is where its other parts stand."""
    persons = [p for p in structure.objects if likeness((p[-1],), vocabulary.CUSTOMER) > 0.8]
    of_order = [t for t in vocabulary.ORDER if not t.field.startswith("customer.")]
    of_customer = [t for t in vocabulary.ORDER if t.field.startswith("customer.")]
    # What is said of the buyer is nothing of the order, but may well stand in the order itself.
    fields = choose(structure, of_order, without=[*away, *persons])
    taken = [each.path for each in fields.values()]
    fields |= choose(structure, of_customer, without=[*away, *taken])
    for path in persons:
        name = full_name(structure, path)
        if name is not None:
            fields["customer.name"] = replace(name, field="customer.name")
    if "currency" not in fields:
        fields |= _currency_of(lines)
    if "external_id" not in fields:
        fields |= identifier(structure, without=[*away, *persons])
    if "ordered_at" not in fields:
        used = [each.path for each in fields.values()]
        fields |= first_moment(structure, without=[*away, *persons, *used])
    return fields


def _currency_of(lines: Lines) -> dict[str, Proposed]:
    """Return the currency of the first line: some messages name it with each price alone."""
    found = choose(lines.structure, [t for t in vocabulary.ORDER if t.field == "currency"])
    if "currency" not in found:
        return {}
    own = found["currency"]
    expression = f"{lines.listed.expression} | [0].{own.expression}"
    asked = f"currency: {own.expression} of the first line was taken; may lines differ?"
    return {"currency": replace(own, expression=expression, confidence=0.8, questions=(asked,))}
