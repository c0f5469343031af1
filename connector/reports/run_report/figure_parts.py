"""The parts with the figures of a run: identities, matches, what was explained, absorbed, aged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.differences import Difference, Explained
from connector.reconciliation.identities import NAMES, Identity
from connector.reconciliation.report import ReconciliationRun
from connector.reports.run_report.parts import Cell, Column, Kind, Part, money
from connector.reports.run_report.scopes import ACCOUNT, CURRENCY, SCOPE, account_cells, scope_cells
from connector.sd_documents.values import Money, total

#: The last row of each identity and of each roll-forward: what is left over.
DIFFERENCE: Final = "difference"

_COUNT = Column("count", "Count", "How many.", Kind.COUNT, 9)
_NET = Column("net", "Net", "Sum with signs: opposite ones cancel.", Kind.AMOUNT, 18)
_GROSS = Column("gross", "Gross", "Sum without signs.", Kind.AMOUNT, 18)

ENDINGS = Part(
    "endings", "What became of it",
    "How matches and differences ended, by comparison and currency.",
    (
        Column("identity", "No", "Number of the comparison.", Kind.COUNT, 5),
        Column("comparison", "Comparison", "What is compared.", width=32),
        Column("ending", "Ending", "`matched`, `explained`, `pending` or `break`.", width=14),
        CURRENCY, _COUNT, _NET, _GROSS,
    ),
)  # fmt: skip
IDENTITIES = Part(
    "identities", "Identities",
    "The equations that must close. The first row of each is its left side, the last what is left "
    "over, and those between are what the left side must be the sum of.",
    (
        Column("identity", "No", "Number of the comparison.", Kind.COUNT, 5),
        Column("name", "Comparison", "What is compared.", width=32),
        *SCOPE,
        Column("side", "Side", "`left`, `right` or `difference`.", width=11),
        Column("term", "Term", "What is added up.", width=26),
        Column("records", "Records", "Of how many records.", Kind.COUNT, 10),
        Column("amount", "Amount", "The sum.", Kind.AMOUNT, 18),
    ),
)  # fmt: skip
MATCHED = Part(
    "matched", "Matched", "What belongs together, by the rule that said so.",
    (
        Column("identity", "No", "Number of the comparison.", Kind.COUNT, 5),
        Column("comparison", "Comparison", "What is compared.", width=32),
        Column("rule", "Rule", "The first that hit.", width=44),
        CURRENCY, _COUNT,
        Column("amount", "Amount", "Sum of what was matched.", Kind.AMOUNT, 18),
    ),
    adds_up=("count", "amount"),
)  # fmt: skip
EXPLAINED_BY_REASON = Part(
    "explained_by_reason", "Explained by reason", "Differences that need nobody, by their reason.",
    (
        Column("reason", "Reason", "Why nobody needs to look.", width=44), CURRENCY, _COUNT, _NET,
        _GROSS,
    ),
    adds_up=("count", "net", "gross"),
)  # fmt: skip
ABSORBED = Part(
    "absorbed", "Absorbed by tolerance", "What the agreed tolerances took, by code.",
    (
        Column("code", "Code", "What it would be without tolerance.", width=26), CURRENCY, _COUNT,
        _NET, _GROSS,
    ),
    adds_up=("count", "net", "gross"),
)  # fmt: skip
_BUCKETS: Final = {
    Bucket.NOT_DUE: "not_due", Bucket.UP_TO_30: "days_1_30", Bucket.UP_TO_60: "days_31_60",
    Bucket.UP_TO_90: "days_61_90", Bucket.OVER_90: "days_over_90", Bucket.UNAPPLIED: "unapplied",
}  # fmt: skip
AGEING = Part(
    "ageing", "Ageing", "Open items by days after their net due date.",
    (
        *ACCOUNT, CURRENCY,
        Column("items", "Items", "Open items.", Kind.COUNT, 9),
        *(
            Column(name, bucket.value.capitalize(), f"Open, {bucket.value} (days overdue)."
                   if bucket is not Bucket.UNAPPLIED else "Money on account, due to nobody.",
                   Kind.AMOUNT, 16)
            for bucket, name in _BUCKETS.items()
        ),
        Column("total", "Total", "Sum of all columns.", Kind.AMOUNT, 18),
    ),
    adds_up=("items", *_BUCKETS.values(), "total"),
)  # fmt: skip
AGEING_REASONS = Part(
    "ageing_by_reason", "Ageing by reason", "Why items of each bucket are open.",
    (
        *ACCOUNT, CURRENCY,
        Column("reason", "Reason", "What the items are.", width=18),
        Column("bucket", "Bucket", "Days overdue.", width=12),
        Column("items", "Items", "Open items.", Kind.COUNT, 9),
        Column("amount", "Amount", "Their sum.", Kind.AMOUNT, 18),
    ),
    adds_up=("items", "amount"),
)  # fmt: skip


def endings_part(run: ReconciliationRun) -> Part:
    """Return how everything ended."""
    rows: list[tuple[Cell, ...]] = []
    for number, name in NAMES.items():
        lead = (number, name)
        explained = [(("",), each.amount) for each in run.explained if each.identity == number]
        rows += ((*lead, "matched", *row) for row in _matched(run, number))
        rows += ((*lead, "explained", *row) for row in _sums(explained))
        differences: tuple[tuple[str, Iterable[Difference]], ...] = (
            ("pending", run.pending),
            ("break", run.breaks),
        )
        for ending, found in differences:
            of = [(("",), each.difference) for each in found if each.identity == number]
            rows += ((*lead, ending, *row) for row in _sums(of))
    return ENDINGS.with_rows(rows)


def _matched(run: ReconciliationRun, number: int) -> Iterator[tuple[Cell, ...]]:
    """Yield currency, count, net and gross of what comparison *number* has matched."""
    of = [each for each in run.matched if each.identity == number]
    for currency in sorted({each.currency for each in of}):
        rows = [each for each in of if each.currency == currency]
        net = total((each.amount for each in rows), currency)
        gross = total((each.gross for each in rows), currency)
        yield currency, sum(each.count for each in rows), net, gross


def _sums(amounts: Iterable[tuple[tuple[str, ...], Money | None]]) -> Iterator[tuple[Cell, ...]]:
    """Yield the non-empty key, currency, count, net and gross of what is handed in by key."""
    sums: dict[tuple[tuple[str, ...], str], list[Decimal]] = defaultdict(list)
    for key, amount in amounts:
        currency = amount.currency if amount is not None else ""
        sums[key, currency].append(amount.amount if amount is not None else Decimal(0))
    for (key, currency), values in sorted(sums.items()):
        net = sum(values, Decimal(0))
        gross = sum((abs(value) for value in values), Decimal(0))
        lead = tuple(part for part in key if part)
        yield (*lead, currency, len(values), money(net, currency), money(gross, currency))


def sums_by_code(found: Iterable[Difference]) -> Iterator[tuple[Cell, ...]]:
    """Yield code, currency (empty without amount), count, net and gross."""
    return _sums(((each.code.value,), each.difference) for each in found)


def explained_by_reason(found: Iterable[Explained]) -> Iterator[tuple[Cell, ...]]:
    """Yield reason, currency, count, net and gross."""
    return _sums(((each.reason.value,), each.amount) for each in found)


def identities_part(run: ReconciliationRun) -> Part:
    """Return every term of every identity."""
    return IDENTITIES.with_rows(row for each in run.identities for row in _identity(each))


def _identity(identity: Identity) -> Iterator[tuple[Cell, ...]]:
    lead = (identity.number, identity.name, *scope_cells(identity.scope))
    left = identity.left
    yield (*lead, "left", left.label, left.count, left.amount)
    for term in identity.right:
        yield (*lead, "right", term.label, term.count, term.amount)
    yield (*lead, "difference", DIFFERENCE, None, identity.difference)


def matching_parts(run: ReconciliationRun) -> tuple[Part, Part, Part]:
    """Return what was matched by rule, explained by reason, and absorbed by tolerance."""
    matched = MATCHED.with_rows(
        (each.identity, NAMES[each.identity], each.rule, each.currency, each.count, each.amount)
        for each in run.matched
    )
    explained = EXPLAINED_BY_REASON.with_rows(explained_by_reason(run.explained))
    absorbed = ABSORBED.with_rows(
        (use.code.value, use.currency, use.count, use.net, use.gross) for use in run.absorbed
    )
    return matched, explained, absorbed


def ageing_parts(run: ReconciliationRun) -> tuple[Part, Part]:
    """Return open items by bucket, and by bucket and reason."""
    rows = (
        (
            *account_cells(row.scope),
            row.scope.currency,
            row.items,
            *(row.amount(bucket) for bucket in _BUCKETS),
            row.total,
        )
        for row in run.ageing
    )
    reasons = (
        (
            *account_cells(row.scope), row.scope.currency, row.reason.value, row.bucket.value,
            row.items, row.amount,
        )
        for row in run.ageing_reasons
    )  # fmt: skip
    return AGEING.with_rows(rows), AGEING_REASONS.with_rows(reasons)
