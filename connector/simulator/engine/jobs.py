"""
The background jobs of the simulated ERP: what its own planning does with what is due.

Each step is a unit of work of its own, so one document in trouble never stops the others. A plan
that observes instead of creating lives on these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from connector.simulator.engine import sales_change, status
from connector.simulator.engine.core import Core
from connector.simulator.engine.customer_items import items as customer_items
from connector.simulator.engine.finance_records import CustomerItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome
from connector.simulator.engine.sales_records import SalesDocument
from connector.simulator.engine.session import Session
from connector.simulator.engine.settings import JOB_NAMES
from connector.simulator.engine.specs import BillingRef, ClearingSpec, DeliveryRef, OpenItemRef

ZERO = Decimal(0)

#: The user under whom the jobs run.
USER = "BATCH"


@dataclass(slots=True)
class JobRun:
    """One run: the documents it made or changed, and the rows of what it could not do."""

    name: str
    started_at: datetime
    numbers: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def run(core: Core, name: str) -> JobRun:
    """Run one job; KeyError names what there is."""
    if name not in _JOBS:
        raise KeyError(f"no job {name!r}; there are: {', '.join(JOB_NAMES)}")
    done = JobRun(name, core.clock.now())
    _JOBS[name](core, done)
    return done


def run_active(core: Core) -> tuple[JobRun, ...]:
    """Run the active jobs in their usual order."""
    core.last_job_run = core.clock.now()
    return tuple(run(core, name) for name in JOB_NAMES if name in core.settings.active_jobs)


def run_when_due(core: Core) -> tuple[JobRun, ...]:
    """Run the active jobs when their interval has passed since the last run."""
    last = core.last_job_run
    if last is not None and core.clock.now() < last + core.settings.job_interval:
        return ()
    return run_active(core)


def _attempt(core: Core, done: JobRun, write: Callable[[Session], Outcome]) -> bool:
    """Do one write in a session of its own, committed with wait; return whether it was done."""
    with Session(core, USER) as session:
        outcome = write(session)
        if not outcome.accepted:
            session.rollback()
            done.messages.extend(each for each in outcome.messages if each.is_error)
            return False
        failure = session.commit(wait=True)
        done.messages.extend(failure.messages)
        if failure.accepted:
            done.numbers.extend(outcome.numbers)
        return failure.accepted


def _replenish(core: Core, done: JobRun) -> None:
    """Receive what was promised from replenishment for a day that has come."""
    missing: dict[tuple[str, str], Decimal] = {}
    for number in tuple(core.store.unconfirmed):
        for item in core.store.sales[number].items:
            for line in item.schedule_lines:
                due = line.material_availability_date <= core.today()
                if line.covered_by == "replenishment" and due and not item.rejection_reason:
                    base = line.confirmed_quantity * item.base_numerator / item.base_denominator
                    place = (item.plant, item.material)
                    missing[place] = missing.get(place, ZERO) + base
    for (plant, material), needed in missing.items():
        free = core.store.available_quantity(plant, material)
        if needed > free:
            receive = partial(
                Session.post_goods_receipt,
                plant=plant,
                material=material,
                quantity=needed - max(free, ZERO),
            )
            _attempt(core, done, receive)


def _reschedule(core: Core, done: JobRun) -> None:
    """Promise stock that has come in to orders that wait for it, oldest first."""
    _change_each(core, done, core.store.unconfirmed, sales_change.reschedule)


def _recheck_credit(core: Core, done: JobRun) -> None:
    """Release orders whose credit account is within its limit again."""
    _change_each(core, done, core.store.credit_blocked, sales_change.recheck_credit)


def _change_each(
    core: Core, done: JobRun, numbers: Iterable[str], change: Callable[[UnitOfWork, str], bool]
) -> None:
    """Change each sales document in a unit of work of its own, which is kept where it did."""
    for number in tuple(numbers):
        work = UnitOfWork(core, USER)
        if change(work, number):
            core.updates.commit(work, wait=True)
            done.numbers.append(number)
        else:
            work.abandon()


def _purchase(core: Core, done: JobRun) -> None:
    """Order what third-party items ask for, and note what vendors deliver and invoice."""
    for number in tuple(core.store.to_order):
        if core.store.requisitions[number].material in core.master.info_records:
            _attempt(core, done, partial(Session.create_purchase_orders, requisitions=[number]))
    for number in tuple(core.store.purchases_open):
        for item in core.store.purchases[number].items:
            if item.delivery_date > core.today():
                continue
            if item.quantity_of("receipt") < item.quantity:
                receive = partial(
                    Session.post_third_party_receipt,
                    purchase_order=number,
                    item_number=item.item_number,
                )
                _attempt(core, done, receive)
            if item.quantity_of("invoice") < item.quantity:
                invoice = partial(
                    Session.post_vendor_invoice,
                    purchase_order=number,
                    item_number=item.item_number,
                )
                _attempt(core, done, invoice)


def _deliver(core: Core, done: JobRun) -> None:
    """Deliver every order that is due and not blocked."""
    until = core.today() + timedelta(days=core.settings.delivery_due_days_ahead)
    for number in tuple(core.store.delivery_due):
        document = core.store.sales[number]
        blocked = document.delivery_block or document.incompletion or document.credit_status == "B"
        due = any(
            line.confirmed_quantity and line.goods_issue_date <= until
            for item in document.items
            for line in item.schedule_lines
        )
        if due and not blocked:
            refs = [DeliveryRef(number)]
            _attempt(core, done, partial(Session.create_deliveries, refs=refs, due_date=until))


def _pick(core: Core, done: JobRun) -> None:
    """Pick every delivery that is not picked."""
    for number in tuple(core.store.goods_issue_due):
        delivery = core.store.deliveries[number]
        if delivery.category == "J" and any(
            item.picked_quantity < item.quantity for item in delivery.items
        ):
            _attempt(core, done, partial(Session.confirm_delivery, number=number))


def _issue_goods(core: Core, done: JobRun) -> None:
    """Post goods issue of every picked delivery whose day has come, and receipt of returns."""
    for number in tuple(core.store.goods_issue_due):
        delivery = core.store.deliveries[number]
        picked = all(item.picked_quantity >= item.quantity for item in delivery.items)
        if delivery.planned_goods_issue_date <= core.today() and (
            picked or delivery.category == "T"
        ):
            _attempt(
                core,
                done,
                partial(
                    Session.confirm_delivery,
                    number=number,
                    post_goods_issue=True,
                    bill_of_lading=delivery.bill_of_lading or _bill_of_lading(core, number),
                ),
            )


def _bill_of_lading(core: Core, number: str) -> str:
    prefix = core.settings.bill_of_lading_prefix
    return f"{prefix}{number.lstrip('0')}" if prefix else ""


def _bill(core: Core, done: JobRun) -> None:
    """Bill what is due together by payer; what is refused together is tried one by one."""
    by_payer: dict[str, list[BillingRef]] = {}
    for number in tuple(core.store.billing_due):
        if not _billing_blocked(core, number):
            by_payer.setdefault(_payer(core, number), []).append(BillingRef(number))
    for refs in by_payer.values():
        if len(refs) > 1:
            quiet = JobRun(done.name, done.started_at)
            if _attempt(core, quiet, partial(Session.create_billing_documents, refs=refs)):
                done.numbers.extend(quiet.numbers)
                continue
        for ref in refs:
            _attempt(core, done, partial(Session.create_billing_documents, refs=[ref]))


def _billing_blocked(core: Core, number: str) -> bool:
    """Return whether a block, the credit check or the order's billing date forbids it today."""
    orders = [number]
    delivery = core.store.deliveries.get(number)
    if delivery is not None:
        orders = [item.reference_document for item in delivery.items]
    for each in orders:
        order = core.store.sales.get(each)
        if order is None or order.billing_block or order.credit_status == "B":
            return True
        if delivery is None and order.billing_date and order.billing_date > core.today():
            return True
    return delivery is None and _waits_for_plan(core, core.store.sales[number])


def _waits_for_plan(core: Core, order: SalesDocument) -> bool:
    """Return whether all that is open for billing are dates of billing plans still to come."""
    statuses = status.of_sales_document(core.store, order.number).items
    for item in order.items:
        found = statuses[item.item_number]
        if found.order_billing not in ("A", "B"):
            continue
        if not item.billing_plan:
            return False
        for each in item.billing_plan:
            waits = each.billing_block or each.billing_date > core.today()
            if each.number not in found.billed_dates and not waits:
                return False
    return True


def _payer(core: Core, number: str) -> str:
    order = core.store.sales.get(number)
    if order is not None:
        return order.partner_number("RG")
    delivery = core.store.deliveries[number]
    first = delivery.items[0]
    return core.store.sales[first.reference_document].partner_number("RG", first.reference_item)


def _clear(core: Core, done: JobRun) -> None:
    """Clear a customer's open items that agree in their key and come to zero."""
    for company_code in core.master.company_codes:
        for customer in core.store.finance.customers(company_code):
            keys = core.store.finance.open_lines(company_code, customer)
            if len(keys) < 2:
                continue
            for group in _matching(core, customer_items(core.store, keys)):
                spec = ClearingSpec(
                    company_code,
                    customer,
                    [
                        OpenItemRef(item.accounting_document, item.fiscal_year, item.line_item)
                        for item in group
                    ],
                    posting_date=max(_latest(group), core.today()),
                )
                _attempt(core, done, partial(Session.clear_items, spec=spec))


def _matching(core: Core, items: Iterable[CustomerItem]) -> list[list[CustomerItem]]:
    by_key: dict[tuple[str, ...], list[CustomerItem]] = {}
    for item in items:
        line = item.line
        key = (
            item.reference
            if core.settings.automatic_clearing_by == "reference"
            else line.assignment
        )
        if key:
            place = (line.account, line.special_gl, item.currency, key)
            by_key.setdefault(place, []).append(item)
    return [
        group
        for group in by_key.values()
        if len(group) > 1 and sum((item.amount for item in group), ZERO) == ZERO
    ]


def _latest(items: Iterable[CustomerItem]) -> date:
    return max(item.posting_date for item in items)


_JOBS: dict[str, Callable[[Core, JobRun], None]] = {
    "replenishment": _replenish,
    "reschedule": _reschedule,
    "credit recheck": _recheck_credit,
    "purchasing": _purchase,
    "delivery due list": _deliver,
    "picking": _pick,
    "goods issue": _issue_goods,
    "billing due list": _bill,
    "automatic clearing": _clear,
}
