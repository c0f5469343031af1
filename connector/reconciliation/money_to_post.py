"""
What came in and has no receipt in FI yet: the lines from which payments may be posted.

Pure: what was read goes in, lines with what they pay come out. A payout that reached the bank is
no payment of a customer, and what FI has a receipt for is not offered again, whoever posted it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.mappings.external_order import ExternalOrder
from connector.reconciliation.accounts import Accounts
from connector.reconciliation.bank_lines import BankComparison
from connector.reconciliation.bank_matching import NamedInvoices, numbers_of_billing
from connector.reconciliation.bearings import bearings_of, facts_of
from connector.reconciliation.exact_lines import LineToPost, lines_to_post
from connector.reconciliation.extract import ErpExtract, in_order
from connector.reconciliation.items_and_ledger import open_items
from connector.reconciliation.matching import Documents, match_order
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.movements import MoneyMovements, until
from connector.reconciliation.payout_bank import NOT_PAID, find_in_bank
from connector.reconciliation.payout_lines import PayoutLines
from connector.reconciliation.receipts import PaymentChain, Receipts, match_payments
from connector.reconciliation.run import Assignment
from connector.statements.model import Payout, PayoutLine, PayoutLineKind


@dataclass(frozen=True, slots=True)
class PaidCharge:
    """
    A line of a payout with the payment of a channel that it is.

    ``is_reversal`` marks a charge that was taken back. ``receipt`` is the FI document of the
    payment, empty while it has none.
    """

    payout: Payout
    line: PayoutLine
    order: ExternalOrder
    payment_id: str
    rule: str
    is_reversal: bool = False
    receipt: str = ""

    @property
    def key(self) -> str:
        return str(self.payout.key_of(self.line))


@dataclass(frozen=True, slots=True)
class MoneyToPost:
    """
    Everything that waits to be posted, and by key what else is known to have been settled.

    ``settled`` says of bank lines which receipt or payout they are.
    """

    charges: tuple[PaidCharge, ...] = ()
    lines: tuple[LineToPost, ...] = ()
    settled: Mapping[str, str] = field(default_factory=dict)


def find_money_to_post(
    movements: MoneyMovements,
    orders: Iterable[MirroredOrder],
    extract: ErpExtract,
    assignment: Assignment,
) -> MoneyToPost:
    """Return what of *movements* has no receipt in *extract*, as of the assignment's key date."""
    key_date, rules = assignment.key_date, assignment.rules
    movements, extract = until(movements, key_date), in_order(extract)
    documents = Documents(extract, key_date)
    bearings = bearings_of(facts_of(documents, rules), rules, extract.balances, movements)
    documents.learn(bearings.assignment)
    accounts = Accounts(documents, assignment.company_codes, bearings)
    chains = [match_order(order, documents) for order in orders if order.ordered_on <= key_date]
    receipts = Receipts(extract.items, rules, key_date)
    payments = match_payments(chains, receipts, key_date)
    charges = _charges(movements, PayoutLines(payments, chains))
    in_bank = find_in_bank(movements.payouts, movements.lines, rules.payout_days)
    lines = [line for line in movements.lines if line.key not in in_bank.taken]
    bank = BankComparison(
        movements, documents, accounts, rules, assignment.company_codes, lines=movements.lines
    )
    counted = {payment.receipt.key for payment in payments if payment.receipt is not None}
    bank.run(lines, receipts.posted(), counted)
    posted = [item for item in extract.items if item.posting_date <= key_date]
    invoices = NamedInvoices(posted, numbers_of_billing(documents), movements.lines)
    taken_back = [
        line
        for line in lines
        if line.is_reversal and line.amount.amount < 0 and line.key not in bank.found.receipts
    ]
    return MoneyToPost(
        charges=charges,
        lines=lines_to_post(
            (*bank.unposted, *taken_back),
            open_items(extract, key_date),
            documents.net_amounts,
            invoices=invoices,
            found=bank.found,
            rules=rules,
        ),
        settled={
            **{
                str(key): f"FI document {receipt}"
                for key, (receipt, _) in bank.found.receipts.items()
            },
            **{
                str(line.key): f"{provider} payout {payout_id}"
                for (provider, payout_id), (line, _) in in_bank.lines.items()
            },
        },
    )


def _charges(movements: MoneyMovements, lines: PayoutLines) -> tuple[PaidCharge, ...]:
    found: list[PaidCharge] = []
    for payout in movements.payouts:
        if payout.status.lower() in NOT_PAID:
            continue
        for match in lines.match(payout, movements.provider(payout.provider)):
            payment = match.payment
            kind = match.line.kind
            if payment is None or match.rule is None or kind not in _OF_PAYMENTS:
                continue
            found.append(
                PaidCharge(
                    payout=payout,
                    line=match.line,
                    order=payment.order.mirrored.order,
                    payment_id=payment.payment.payment_id,
                    rule=match.rule.value,
                    is_reversal=kind is PayoutLineKind.DISPUTE,
                    receipt=_receipt(payment),
                )
            )
    return _without_won_disputes(found)


_OF_PAYMENTS = (PayoutLineKind.CHARGE, PayoutLineKind.DISPUTE)


def _receipt(payment: PaymentChain) -> str:
    return str(payment.receipt) if payment.receipt is not None else ""


def _without_won_disputes(charges: Sequence[PaidCharge]) -> tuple[PaidCharge, ...]:
    """A dispute that was won has brought back what it took: nothing is left to be reversed."""
    gone = {
        (each.payout.provider, each.payment_id): sum(
            other.line.gross.amount
            for other in charges
            if other.is_reversal
            and (other.payout.provider, other.payment_id) == (each.payout.provider, each.payment_id)
        )
        for each in charges
        if each.is_reversal
    }
    return tuple(
        each
        for each in charges
        if not each.is_reversal
        or (each.line.gross.amount < 0 and gone[each.payout.provider, each.payment_id])
    )
