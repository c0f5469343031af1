"""Where an order says what was paid: only what names amount, time, way and its own id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.choosing import Proposed, choose
from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.structure import Path, Structure, expression_of, structure_of
from connector.mappings.proposing.sums import amounts_of


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments at ``path``, with their fields."""

    path: Path
    fields: tuple[Proposed, ...]


def payments_in(structure: Structure) -> Payments | None:
    """Return the payments of an order; None where the messages do not say all that is needed."""
    for path, listed, inner in _candidates(structure):
        each = listed
        fields = choose(inner, vocabulary.PAYMENT)
        amounts = amounts_of(inner, vocabulary.PAYMENT_AMOUNT)
        if len(fields) < len(vocabulary.PAYMENT) or not amounts:
            continue
        states, question = _states(inner)
        if each.startswith("["):
            each = f"{each} | [?@{f' && {states}' if states else ''}]"
        elif states:
            each = f"{each}[?{states}]"
        found = [Proposed("payments.each", each, 0.6, "", (), (question,))]
        found += [replace(one, field=f"payments.{one.field}") for one in fields.values()]
        amount = amounts[0]
        found.append(
            Proposed(
                "payments.amount",
                amount.expression,
                0.95 * amount.named,
                "by its name",
                amount.path,
            )
        )
        currency = choose(inner, [t for t in vocabulary.ORDER if t.field == "currency"])
        own = currency.get("currency")
        order = choose(structure, [t for t in vocabulary.ORDER if t.field == "currency"])
        if own is not None:
            found.append(replace(own, field="payments.currency"))
        elif "currency" in order:
            outer = f"parent.{order['currency'].expression}"
            found.append(Proposed("payments.currency", outer, 0.9, "the order's"))
        else:
            found.append(Proposed("payments.currency", "'EUR'", 0.0, "nothing looks like it"))
        return Payments(path, tuple(found))
    return None


def _candidates(structure: Structure) -> Iterator[tuple[Path, str, Structure]]:
    for path, listed in structure.lists.items():
        if likeness((path[-1],), vocabulary.PAYMENTS) > 0.8 and not _goes_back(path):
            yield path, listed.expression, structure_of(listed.elements)
    for path, count in structure.objects.items():
        if likeness((path[-1],), vocabulary.PAYMENTS) > 0.8 and not _goes_back(path):
            inner = Structure(count=count)
            for leaf in structure.leaves.values():
                if leaf.path[: len(path)] == path:
                    own = leaf.path[len(path) :]
                    inner.leaves[own] = replace(leaf, path=own)
            yield path, f"[{expression_of(path)}]", inner


def _goes_back(path: Path) -> bool:
    """Tell whether money at *path* went back to the buyer."""
    return any(likeness((key,), vocabulary.REFUNDS) > 0.7 for key in path)


def _states(inner: Structure) -> tuple[str, str]:
    """Return the filter that lets through what came in, and what is to be asked about it."""
    rated = [(likeness(leaf.path, vocabulary.STATUS), leaf) for leaf in inner.leaves.values()]
    best = max(rated, key=lambda each: each[0], default=None)
    if best is None or best[0] < 0.7:
        return "", "payments: is everything that is listed money that came in?"
    leaf = best[1]
    states = sorted({str(value) for value in leaf.values})
    good = [each for each in states if each.lower() in vocabulary.SUCCESS]
    told = f"payments: which states ({', '.join(states)}, others?) mean that the money came in?"
    if not good:
        return "", told
    names = ", ".join(f"'{each}'" for each in good)
    return f"contains([{names}], {leaf.expression})", told
