"""
Settings of the simulated ERP: every behaviour that differs between systems or is not certain.

Each default is the usual delivered behaviour; a customer's system may differ, so a test sets what
its system does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

#: Names of the background jobs, in the order in which they run.
JOB_NAMES = (
    "replenishment",
    "reschedule",
    "credit recheck",
    "purchasing",
    "delivery due list",
    "picking",
    "goods issue",
    "billing due list",
    "automatic clearing",
)


@dataclass(slots=True)
class EngineSettings:
    """How the simulated ERP behaves where systems differ."""

    #: Time zone of the company: `today` is the date there.
    time_zone: str = "Europe/Berlin"
    #: How long an update waits after a commit without WAIT, on the simulated clock.
    update_delay: timedelta = timedelta(milliseconds=500)

    #: Numbers fetched per buffer; 0 is no buffering. What is left in a buffer is lost at restart.
    number_buffer_size: int = 0
    #: Application servers that each hold a buffer of their own, taken in turn.
    number_servers: int = 1

    #: Force the items' tax to the tax of the sum per tax code (group condition).
    tax_group_processing: bool = True
    #: Force the items' share of a header percentage to the percentage of the sum.
    discount_group_processing: bool = True
    #: A missing mandatory price refuses the document; off: it is saved incomplete.
    missing_price_is_error: bool = True
    #: A material's sales status refuses the item instead of warning.
    material_status_is_error: bool = False
    #: Warn when the customer's purchase order number exists already.
    duplicate_purchase_order_check: bool = False
    #: Sales documents are written with their incomplete data (V1 555); off: refused.
    save_incomplete: bool = True
    #: Another customer may take over a partner function of an order (or item) that has followers;
    #: off: refused. A new address of the same customer is always taken.
    partner_change_after_followers: bool = False

    #: Refuse a delivery beyond the over-delivery tolerance; off: warn.
    over_delivery_is_error: bool = True
    #: Check stock again when a delivery is created, and reduce the quantity.
    check_stock_at_delivery: bool = True
    #: Goods receipt of a return: 653 unrestricted with value, 651 blocked stock without value.
    returns_movement_type: str = "653"
    #: Hold the valuation lock of a material until the goods movement's update is finished.
    exclusive_valuation_lock: bool = False

    #: The vendor's delivery of a third-party item follows its purchase order in the document flow
    #: (category i).
    third_party_receipt_in_flow: bool = True
    #: An invoice of a billing plan's date is dated on it; off: on the day it is made.
    plan_date_is_billing_date: bool = True
    #: Quantity of an item that a billing plan's date bills: `full` is the order's quantity each
    #: time, which the document flow does not count; `share` its percentage, which it does.
    plan_date_quantity: str = "full"
    #: The accounting document of a billing document takes the billing document's number.
    accounting_number_is_billing_number: bool = True
    #: The accounting document of a goods movement takes the material document's number.
    accounting_number_is_material_document_number: bool = True
    #: ZUONR of the receivable: A customer's purchase order, B order, C delivery, E billing
    #: document.
    assignment_source: str = "A"
    #: XBLNR of billing's accounting document: A, B, C or E as above.
    reference_source: str = "E"
    #: A cancellation clears itself with the original; off: both stay open items.
    cancellation_clears_original: bool = True
    #: Cash discount base: off is the gross amount, on is the net amount (XSKFN).
    cash_discount_base_is_net: bool = False
    #: Correct the output tax for the cash discount taken.
    tax_adjustment_on_cash_discount: bool = True
    #: A customer reference posted before in the company code gives a warning (F5 117).
    duplicate_reference_check: bool = False
    #: Largest difference written off at clearing: the lower of amount and percentage.
    tolerance_amount: Decimal = Decimal(0)
    tolerance_percent: Decimal = Decimal(0)
    #: Automatic clearing groups open items by `assignment` (ZUONR) or `reference` (XBLNR).
    automatic_clearing_by: str = "assignment"

    #: Posting dates allowed per company code, (from, to) inclusive; empty: all.
    open_periods: Mapping[str, tuple[date, date]] = field(default_factory=dict)

    #: Goods issue by the job gives each delivery this prefix with its number as bill of lading.
    bill_of_lading_prefix: str = "FJW"
    #: Background jobs that run by themselves.
    active_jobs: frozenset[str] = frozenset(JOB_NAMES) - {"credit recheck"}
    #: Time between two runs of the background jobs when the clock drives them.
    job_interval: timedelta = timedelta(minutes=15)
    #: The delivery due list looks this many days ahead.
    delivery_due_days_ahead: int = 0

    #: Situation (see `messages.CATALOG`) -> (message class, number) of the system at hand.
    message_numbers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Documents of each kind kept ready in memory; older ones are packed until they are read.
    live_documents: int = 1000
    #: Logical system, as in the third variable of RW 605.
    logical_system: str = "SIMCLNT100"

    def __post_init__(self) -> None:
        """Refuse what no system could mean."""
        unknown = sorted(set(self.active_jobs) - set(JOB_NAMES))
        if unknown:
            raise ValueError(
                f"active_jobs names unknown jobs: {', '.join(unknown)}; "
                f"known are: {', '.join(JOB_NAMES)}"
            )
        for name, allowed in (
            ("assignment_source", "ABCE"),
            ("reference_source", "ABCE"),
        ):
            if getattr(self, name) not in tuple(allowed):
                raise ValueError(f"{name} must be one of {', '.join(allowed)}")
        if self.plan_date_quantity not in ("full", "share"):
            raise ValueError("plan_date_quantity must be full or share")
        if self.automatic_clearing_by not in ("assignment", "reference"):
            raise ValueError("automatic_clearing_by must be assignment or reference")
        if self.returns_movement_type not in ("651", "653"):
            raise ValueError("returns_movement_type must be 651 or 653")
