"""Payments from statements: what reconciliation matches is handed to what posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from connector.bootstrap.application import Application
from connector.bootstrap.reconciliation import assignment_of
from connector.bootstrap.statements import movements
from connector.errors import TransientError
from connector.ports.statement_payments import Found, PaymentState, StatementPayment
from connector.ports.step_state import Operation
from connector.ports.store_records import FlowView
from connector.reconciliation.exact_lines import LineToPost
from connector.reconciliation.extract import read_erp
from connector.reconciliation.mirror import read_mirror
from connector.reconciliation.money_to_post import MoneyToPost, PaidCharge, find_money_to_post
from connector.reconciliation.payout_lines import shown
from connector.settings.statements import BankAccountSettings
from connector.statements.model import BankLine
from connector.statements.references import receipt_reference
from connector.sync.bank_postings import MoneyIn, PaidGroup, found_of_line
from connector.sync.charge_postings import ChargeIn, found_of_charge
from connector.sync.statement_payments import PostedFromStatements, StatementPosting
from connector.sync.status import refresh


def posts_from_statements(application: Application) -> bool:
    """Tell whether the settings let anything be posted from statements."""
    settings = application.settings
    plans = {channel.plan for channel in settings.channels.values()}
    return any(account.post for account in settings.statements.accounts.values()) or any(
        application.plan(name).payment.is_from_statements for name in plans
    )


def post_from_statements(
    application: Application, stop: Callable[[], bool] = lambda: False
) -> PostedFromStatements:
    """
    Do one round: settle doubts, post what was released, then what matches exactly.

    What is not exact is kept as a proposal. An ERP that cannot be reached ends the round; nothing
    is lost, and the next one goes on.

    Raises:
        ConfigurationError: nothing will work until it is fixed.
    """
    posting = StatementPosting(application.context, application.statement_payments, stop)
    if not posts_from_statements(application):
        return posting.done
    try:
        posting.settle_doubts()
        posting.post_released()
        if not stop():
            found = _look(application, posting.done)
            posting.post_found(found)
    except TransientError as error:
        posting.done.erp_problem = str(error)
    waiting = application.statement_payments.find({PaymentState.PROPOSED})
    posting.done.proposed = len(waiting)
    return posting.done


def _look(application: Application, done: PostedFromStatements) -> list[Found]:
    assignment = assignment_of(application, None)
    orders = tuple(read_mirror(application.store, assignment.time_zone))
    extract = read_erp(
        application.erp, orders, assignment.key_date, assignment.company_codes, assignment.rules
    )
    money = find_money_to_post(
        movements(application, assignment.key_date), orders, extract, assignment
    )
    _settle(application, money, done)
    return [*_of_charges(application, money.charges), *_of_lines(application, money.lines)]


def _settle(application: Application, money: MoneyToPost, done: PostedFromStatements) -> None:
    """What somebody else has posted waits for nobody any more."""
    payments, now = application.statement_payments, application.clock.now()
    posted = {
        charge.key: charge.receipt
        for charge in money.charges
        if charge.receipt and not charge.is_reversal
    }
    settled = {**money.settled, **{key: f"FI document {number}" for key, number in posted.items()}}
    for record in payments.find({PaymentState.PROPOSED, PaymentState.READY}):
        if record.key in settled and not _is_under_way(application, record):
            reason = f"it is {settled[record.key]}"
            payments.end(record.id, PaymentState.SETTLED, reason=reason, now=now)
            done.settled += 1


def _is_under_way(application: Application, record: StatementPayment) -> bool:
    """A step that was begun comes to its own end: what it posted is not somebody else's."""
    suggestion = record.suggestion
    if suggestion.flow_id is None:
        return record.step_state is not None
    [view] = application.store.flows.views([suggestion.flow_id])
    return view.step(Operation.POST_PAYMENT, suggestion.payment_id) is not None


def _of_charges(application: Application, charges: Sequence[PaidCharge]) -> Iterator[Found]:
    context, flows = application.context, application.store.flows
    for charge in charges:
        if charge.receipt and not charge.is_reversal:
            continue
        ids = [
            view.flow.id
            for view in flows.views(flows.find(charge.order.external_id))
            if (view.flow.channel, view.flow.external_id)
            == (charge.order.channel, charge.order.external_id)
            and not view.holds
            and context.plan(view.flow.plan).payment.is_from_statements
        ]
        views = refresh(context, ids) or flows.views(ids)
        for view in views:
            if found := found_of_charge(context, _charge(charge), view):
                yield found


def _charge(charge: PaidCharge) -> ChargeIn:
    line = charge.line
    return ChargeIn(
        key=charge.key,
        subject=f"{charge.payout.name}, line {line.line_id}",
        payment_id=charge.payment_id,
        gross=shown(line, charge.order.currency),
        fee=line.fee,
        paid_out_on=charge.payout.paid_on,
        rule=charge.rule,
        is_reversal=charge.is_reversal,
    )


def _of_lines(application: Application, lines: Sequence[LineToPost]) -> Iterator[Found]:
    paid_out = _paid_out(application)
    for each in lines:
        account = _account(application, each.line)
        if account is None or not account.post:
            continue
        money = _money(each, account, paid_out)
        if money.to_account and _is_told_by_shop(application, each):
            # The shop's word may be this very money: a person decides whether it came twice.
            money = replace(money, to_account=False)
        found = found_of_line(application.context, money, tuple(_views(application, each)))
        if found is not None:
            yield found


def _views(application: Application, each: LineToPost) -> Iterator[FlowView]:
    """Yield the orders whose invoices the line pays."""
    flows, seen = application.store.flows, set[int]()
    numbers = [item.invoice.billing_document for item in each.items]
    for number in filter(None, numbers):
        for view in flows.views(flows.find(number)):
            if view.flow.id not in seen and any(
                document.number == number for document in view.billing_documents
            ):
                seen.add(view.flow.id)
                yield view


def _is_told_by_shop(application: Application, each: LineToPost) -> bool:
    """Tell whether the line names a paid invoice of an order that posts what its shop reports."""
    context, flows = application.context, application.store.flows
    return any(
        not context.plan(view.flow.plan).payment.is_from_statements
        for number in each.names_paid
        for view in flows.views(flows.find(number))
    )


def _account(application: Application, line: BankLine) -> BankAccountSettings | None:
    accounts = application.settings.statements.accounts
    return next(
        (
            account
            for number, account in accounts.items()
            if "".join(number.split()).upper() == line.bank_account
        ),
        None,
    )


def _paid_out(application: Application) -> frozenset[str] | None:
    """Return the gateways whose payments providers pay out; a provider may do so for all."""
    providers = application.settings.statements.providers.values()
    if any(not provider.gateways for provider in providers):
        return None
    return frozenset(name.casefold() for provider in providers for name in provider.gateways)


def _money(
    each: LineToPost, account: BankAccountSettings, paid_out: frozenset[str] | None
) -> MoneyIn:
    line = each.line
    return MoneyIn(
        key=str(line.key),
        subject=f"bank line {line.bank_reference}",
        company_code=account.company_code,
        gl_account=account.gl_account,
        amount=line.amount,
        paid_on=line.value_date,
        booked_on=line.booking_date,
        reference=receipt_reference(line),
        rule=each.rule,
        reason=each.reason,
        payer=each.customer,
        groups=tuple(PaidGroup(item.items, item.discount) for item in each.items),
        difference=each.difference,
        is_exact=each.is_exact,
        is_postable=each.is_postable,
        to_account=account.unmatched == "on account",
        paid_out=paid_out,
    )
