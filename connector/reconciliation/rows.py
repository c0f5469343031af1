"""A run as plain rows of text, for terminals, tables and logs, without their looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.differences import Break, Explained, Pending, Scope
from connector.reconciliation.identities import Identity
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.tolerance_use import ToleranceUse
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money

Row = tuple[str, ...]

IDENTITY_HEADINGS: Row = ("Comparison", "Company code", "Account", "Term", "Amount", "Records")
AGEING_HEADINGS: Row = (
    "Company code", "Account", "Currency", *(bucket.value for bucket in Bucket), "total",
)  # fmt: skip
BREAK_HEADINGS: Row = ("Code", "About", "Outside", "ERP", "Difference", "Since", "Age", "Why")
PENDING_HEADINGS: Row = ("Becomes", "About", "Difference", "Break on", "Why")
EXPLAINED_HEADINGS: Row = ("Reason", "About", "Difference", "Net", "Tax", "Why")
COUNT_HEADINGS: Row = ("Code", "Currency", "Count", "Net", "Gross")


def amount_text(money: Money | None) -> str:
    """Return an amount with its currency's decimals, empty for none."""
    return "" if money is None else str(money)


def account_text(scope: Scope) -> str:
    """Return the account with its special G/L indicator, and what its amounts stand for."""
    parts = [scope.reconciliation_account, scope.special_gl_indicator]
    if scope.valued_in:
        parts.append(f"({scope.currency} documents)")
    return " ".join(part for part in parts if part)


def absorbed_text(use: ToleranceUse) -> str:
    """Say how much the tolerance of one code and currency has absorbed."""
    return f"{use.code.value}: {use.gross} in {use.count} (net {use.net})"


def proposals_text(run: ReconciliationRun) -> str:
    """Say how many matches are proposed, and what the bank lines in them come to."""
    sums: dict[str, Money] = {}
    for line in (line for proposal in run.proposals for line in proposal.lines):
        currency = line.amount.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + line.amount
    exact = sum(proposal.is_exact for proposal in run.proposals)
    of = ", ".join(str(each) for _, each in sorted(sums.items()))
    return f"{len(run.proposals)} for {of}, {exact} of them exact"


def assignment_text(run: ReconciliationRun) -> str:
    """Say what the assignment of FI lines holds, and how that is known; empty where nobody does."""
    found = run.assignment
    if found is None or found.content is None:
        return ""
    what = found.content.name.lower().replace("_", " ")
    return f"{what} ({'told' if found.told else f'in {found.hits} of {found.lines} lines'})"


def summary_rows(run: ReconciliationRun) -> list[Row]:
    """Return label and value: verdict, key date, what was compared and what is left."""
    header = run.header
    rows: list[Row] = [
        ("Verdict", run.verdict.value),
        ("Key date", f"{header.key_date.isoformat()} ({header.time_zone})"),
        ("Company codes", ", ".join(header.company_codes)),
        ("Currencies", ", ".join(header.currencies) or "all"),
        ("Mode", header.mode.value),
        (
            "Rules",
            " ".join(part for part in (header.rules_version, header.rules_sha256[:12]) if part),
        ),
        ("Run", header.run_id),
        ("Content", run.content_hash[:16]),
        ("Matched", str(run.match_count)),
        ("Explained", str(len(run.explained))),
        ("Pending", str(len(run.pending))),
        ("Breaks", str(len(run.breaks))),
    ]
    if run.proposals:
        rows.append(("Proposals", proposals_text(run)))
    if header.previous is not None:
        rows.insert(7, ("After", f"{header.previous.run_id} ({header.previous.key_date})"))
    rows += [("Absorbed", absorbed_text(use)) for use in run.absorbed]
    if holds := assignment_text(run):
        rows.append(("Assignment holds", holds))
    if run.failure:
        rows.append(("Failure", run.failure))
    rows += [
        ("Left out", f"{source.name}: {source.left_out} debits that pay back nothing open")
        for source in run.sources
        if source.left_out
    ]
    rows += [
        ("Incomplete", f"{source.name}: {problem}")
        for source in run.sources
        for problem in source.problems
    ]
    if run.roll_forward is not None:
        rows += [("Incomplete", problem) for problem in run.roll_forward.problems()]
    return rows


def identity_rows(run: ReconciliationRun) -> list[Row]:
    """Return every term of every identity, and its difference, which must be zero."""
    return [row for identity in run.identities for row in _identity(identity)]


def _identity(identity: Identity) -> list[Row]:
    scope = identity.scope
    lead = f"{identity.number} {identity.name}", scope.company_code, account_text(scope)
    rows: list[Row] = [
        (*lead, identity.left.label, str(identity.left.amount), str(identity.left.count))
    ]
    rows += [
        (*lead, f"= {term.label}" if not index else f"+ {term.label}", str(term.amount),
         str(term.count))
        for index, term in enumerate(identity.right)
    ]  # fmt: skip
    rows.append((*lead, "difference", str(identity.difference), ""))
    return rows


def difference_rows(run: ReconciliationRun) -> list[Row]:
    """Return one row per identity and scope: number, name, company code, account, difference."""
    return [
        (
            str(identity.number),
            identity.name,
            identity.scope.company_code,
            account_text(identity.scope),
            str(identity.left.amount),
            str(identity.difference),
        )
        for identity in run.identities
    ]


def ageing_rows(run: ReconciliationRun) -> list[Row]:
    """Return open items by bucket, one row per company code, account and currency."""
    return [
        (
            row.scope.company_code,
            row.scope.reconciliation_account,
            row.scope.currency,
            *(_figure(row.amount(bucket)) for bucket in Bucket),
            _figure(row.total),
        )
        for row in run.ageing
    ]


def _figure(money: Money) -> str:
    return f"{money.amount:,.{decimals_of(money.currency)}f}"


def break_rows(run: ReconciliationRun) -> list[Row]:
    """Return one row per break."""
    return break_rows_of(run.breaks)


def break_rows_of(breaks: Iterable[Break]) -> list[Row]:
    """Return one row for each of *breaks*."""
    return [_break(difference) for difference in breaks]


def _break(difference: Break) -> Row:
    return (
        difference.code.value,
        difference.subject,
        amount_text(difference.outside.amount),
        amount_text(difference.erp.amount),
        amount_text(difference.difference),
        difference.since.isoformat(),
        f"{difference.age_days} d",
        difference.text,
    )


def pending_rows(run: ReconciliationRun) -> list[Row]:
    """Return one row per pending difference, the next to become a break first."""
    ordered = sorted(run.pending, key=lambda pending: (pending.break_on, pending.id))
    return [_pending(difference) for difference in ordered]


def _pending(difference: Pending) -> Row:
    return (
        difference.code.value,
        difference.subject,
        amount_text(difference.difference),
        difference.break_on.isoformat(),
        difference.text,
    )


def explained_rows(run: ReconciliationRun) -> list[Row]:
    """Return one row per explained difference; net and tax are empty where they are not known."""
    return [_explained(difference) for difference in run.explained]


def _explained(difference: Explained) -> Row:
    return (
        difference.reason.value,
        difference.subject,
        amount_text(difference.amount),
        amount_text(difference.net_difference),
        amount_text(difference.tax_difference),
        difference.text,
    )


def break_count_rows(run: ReconciliationRun) -> list[Row]:
    """
    Return the breaks per code and currency: count, net and gross.

    Net lets opposite differences cancel, gross adds up their absolute amounts.
    """
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for difference in run.breaks:
        amount = difference.difference
        key = difference.code.value, amount.currency if amount else ""
        sums[key].append(amount.amount if amount else Decimal(0))
    return [
        (
            code,
            currency,
            str(len(amounts)),
            _sum(amounts, currency),
            _sum([abs(amount) for amount in amounts], currency),
        )
        for (code, currency), amounts in sorted(sums.items())
    ]


def _sum(amounts: list[Decimal], currency: str) -> str:
    if not currency:
        return ""
    return _figure(Money(amount=sum(amounts, Decimal(0)), currency=currency))
