"""
A session with the simulated ERP: one user, one unit of work at a time.

What a write buffers becomes visible with `commit`: at once with `wait`, otherwise when the update
task has run (`EngineSettings.update_delay` later on the ERP's clock). Until then its numbers name
nothing. `rollback` forgets the buffer; the numbers stay lost. A session belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ParamSpec

from connector.simulator.engine import (
    accounting,
    billing,
    cancellation,
    clearing,
    delivery,
    delivery_confirmation,
    delivery_picking,
    down_payments,
    dunning,
    goods_movement,
    material_documents,
    payments,
    resetting,
    sales,
    sales_change,
    third_party,
    valuation,
)
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.outcome import Outcome
from connector.simulator.engine.session_work import UnitOfWorkSession
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    BillingRef,
    ClearingSpec,
    DeliveryHeaderChange,
    DeliveryRef,
    PaymentSpec,
    SalesDocumentChange,
    SalesDocumentSpec,
)

P = ParamSpec("P")


class Session(UnitOfWorkSession):
    """
    Writes of one user. Every write answers an Outcome; rows of type E or A mean nothing was done.

    Raises (every write): ShortDumpError when that fault was injected; the unit of work is gone.
    """

    # -- sales documents -------------------------------------------------------------------------

    def create_sales_document(self, spec: SalesDocumentSpec) -> Outcome:
        """
        Create an inquiry, quotation, order, returns, credit or debit memo request.

        Rows on success: V4 233 per segment, V1 311 with the number; a duplicate purchase order,
        incomplete data or a failed credit check add rows of type W. On failure the E rows, then
        V4 219.
        """
        return self._run("create sales document", sales.create, spec)

    def simulate_sales_document(self, spec: SalesDocumentSpec) -> Outcome:
        """
        Price *spec*, promise dates and check credit, and write nothing.

        `documents[0]` is the document as it would be saved, its number empty.
        """
        return self._run("create sales document", sales.simulate, spec)

    def change_sales_document(self, number: str, change: SalesDocumentChange) -> Outcome:
        """Change header and items, price again. Locked: V1 042. Success: V1 311."""
        return self._run("change sales document", sales_change.change, number, change)

    def delete_sales_document(self, number: str) -> Outcome:
        """Delete a sales document that nothing follows; what it referred to is open again."""
        return self._run("change sales document", sales_change.delete, number)

    def release_credit(self, number: str) -> Outcome:
        """Release a document that the credit check blocked (status D)."""
        return self._run("change sales document", sales_change.release_credit, number)

    # -- deliveries ------------------------------------------------------------------------------

    def create_deliveries(
        self,
        refs: Sequence[DeliveryRef],
        due_date: date | None = None,
        shipping_point: str = "",
    ) -> Outcome:
        """
        Deliver order items due up to *due_date* (None: no limit) from *shipping_point* (empty:
        each item's own).

        One call may create several deliveries: ship-to, shipping point, route, incoterms and the
        like part them. `documents` holds them with their items. Nothing due: VL 248; order
        unknown: VL 002; delivered completely: VL 455; beyond tolerance: VL 363.
        """
        return self._run(
            "create deliveries", delivery.create, refs, due_date=due_date, point=shipping_point
        )

    def confirm_delivery(
        self,
        number: str,
        *,
        post_goods_issue: bool = False,
        picked: Mapping[int, Decimal] | None = None,
        actual_goods_issue_date: date | None = None,
        bill_of_lading: str = "",
        deleted: Collection[int] = (),
    ) -> Outcome:
        """
        Confirm picking, and post goods issue when asked.

        *picked* is by item in the sales unit; items that are not named are confirmed as they are,
        *deleted* ones are taken out. A smaller quantity reduces the delivery and reopens the order
        for the rest. `documents` is the delivery, and the material document when goods issue was
        posted. Already issued: VL 602; too little stock: M7 021; period closed: M7 053.
        """
        return self._run(
            "confirm delivery",
            delivery_confirmation.confirm,
            number,
            post_goods_issue=post_goods_issue,
            picked=picked or {},
            actual_goods_issue_date=actual_goods_issue_date,
            bill_of_lading=bill_of_lading,
            deleted=deleted,
        )

    def change_delivery(
        self,
        number: str,
        quantities: Mapping[int, Decimal] | None = None,
        deleted: Collection[int] = (),
    ) -> Outcome:
        """
        Change quantities (by item, sales unit) before goods issue, and delete items.

        The order is open again for what is taken out. More than the order allows: VL 363. Without
        items the delivery is deleted.
        """
        return self._run(
            "change delivery", delivery_confirmation.change, number, quantities or {}, deleted
        )

    def change_delivery_header(self, number: str, change: DeliveryHeaderChange) -> Outcome:
        """Change dates, bill of lading or delivery block before goods issue."""
        return self._run("change delivery", delivery_picking.change_header, number, change)

    def pick_delivery(self, number: str, picked: Mapping[int, Decimal] | None = None) -> Outcome:
        """
        Set what is picked, by item in the sales unit; None picks all items completely.

        The delivery's quantities and the items not named stay as they are.
        """
        return self._run("confirm delivery", delivery_picking.pick, number, picked)

    def reverse_goods_issue(self, number: str, posting_date: date | None = None) -> Outcome:
        """Take the goods issue of a delivery back (movement 602, category h)."""
        return self._run(
            "reverse goods issue", goods_movement.reverse, number, posting_date=posting_date
        )

    def delete_delivery(self, number: str) -> Outcome:
        """Delete a delivery whose goods issue is not posted; the order is open again."""
        return self._run("confirm delivery", delivery_confirmation.delete, number)

    def post_goods_receipt(
        self, plant: str, material: str, quantity: Decimal, amount: Decimal | None = None
    ) -> Outcome:
        """
        Receive stock without purchase order (movement 501), *quantity* in the base unit.

        *amount* is its value in the company's currency; None takes the material's price.
        """
        return self._run(
            "confirm delivery", material_documents.receive, plant, material, quantity, amount
        )

    # -- purchasing of third-party items ---------------------------------------------------------

    def create_purchase_orders(self, requisitions: Sequence[str]) -> Outcome:
        """Order requisitions from their vendors: one purchase order per vendor and company."""
        return self._run("create purchase orders", third_party.order, requisitions)

    def post_third_party_receipt(
        self, purchase_order: str, item_number: int, quantity: Decimal | None = None
    ) -> Outcome:
        """Note that the vendor has delivered to the customer (None: all that is open)."""
        return self._run(
            "create purchase orders", third_party.receive, purchase_order, item_number, quantity
        )

    def post_vendor_invoice(
        self, purchase_order: str, item_number: int, quantity: Decimal | None = None
    ) -> Outcome:
        """Post the vendor's invoice at the order's price (None: for all that is open)."""
        return self._run(
            "create purchase orders", third_party.invoice, purchase_order, item_number, quantity
        )

    # -- billing ---------------------------------------------------------------------------------

    def create_billing_documents(
        self,
        refs: Sequence[BillingRef],
        billing_date: date | None = None,
        billing_type: str = "",
    ) -> Outcome:
        """
        Bill deliveries and orders, combined where the header agrees, split where it does not.

        Each split is an I row "billing split" naming the field, and `split_reason` in the
        document. Success: VF 311 per document. Not relevant: VF 016; billed already: VF 017.
        A billing document whose accounting fails is saved with `transfer_status` other than C.
        """
        return self._run(
            "create billing documents",
            billing.create,
            refs,
            billing_date=billing_date,
            billing_type=billing_type,
        )

    def cancel_billing_document(self, number: str, billing_date: date | None = None) -> Outcome:
        """Cancel: a new document of category N (S for a credit memo), mirrored in accounting."""
        return self._run(
            "cancel billing document", cancellation.cancel, number, billing_date=billing_date
        )

    def release_billing_to_accounting(self, number: str) -> Outcome:
        """Pass a billing document to accounting whose transfer had failed or was blocked."""
        return self._run("create billing documents", billing.release_to_accounting, number)

    # -- accounting ------------------------------------------------------------------------------

    def post_accounting_document(
        self, spec: AccountingDocumentSpec, *, check_only: bool = False
    ) -> Outcome:
        """
        Post a balanced document of customer, G/L and tax lines; success is RW 605 (check RW 614).

        A failure starts with RW 609; the rows after it say why (F5 702 balance, F5 102 customer,
        F5 201 period).
        """
        return self._run(
            "post accounting document", accounting.post_direct, spec, check_only=check_only
        )

    def post_incoming_payment_with_clearing(self, spec: PaymentSpec) -> Outcome:
        """Post an incoming payment and clear the items it names, as F-28 does; success RW 605."""
        return self._run("post incoming payment", payments.post, spec)

    def clear_items(self, spec: ClearingSpec) -> Outcome:
        """Clear items of a customer against each other, as F-32 does; success RW 605."""
        return self._run("clear items", clearing.clear, spec)

    def clear_down_payments(self, spec: DownPaymentSpec) -> Outcome:
        """Set down payments against an invoice, as F-39 does; success RW 605."""
        return self._run("clear items", down_payments.clear, spec)

    def value_open_items(self, company_code: str, key_date: date) -> Outcome:
        """Value open items in foreign currency at a day's rate; the day after it is undone."""
        return self._run(
            "post accounting document", valuation.value_open_items, company_code, key_date
        )

    def run_dunning(
        self, company_code: str, run_date: date | None = None, grace_days: int = 3
    ) -> Outcome:
        """
        Dun every receivable that is overdue by more than the days of grace, as F150 does.

        Items with a dunning block and items of special G/L are left alone.
        """
        return self._run(
            "post accounting document",
            dunning.run,
            company_code,
            run_date or self._work.today,
            grace_days,
        )

    def change_customer_line(
        self,
        company_code: str,
        number: str,
        change: CustomerLineChange,
        line_item: int = 1,
    ) -> Outcome:
        """Change terms, blocks or texts of a customer line by hand, as FB02 does."""
        return self._run(
            "post accounting document", dunning.change_line, company_code, number, line_item, change
        )

    def transfer_returns(self, plant: str, material: str, quantity: Decimal) -> Outcome:
        """Take returns out of blocked stock into our own, at value (movement 453)."""
        return self._run(
            "confirm delivery", material_documents.transfer_returns, plant, material, quantity
        )

    def reset_clearing(
        self,
        company_code: str,
        clearing_document: str,
        fiscal_year: int = 0,
        *,
        reverse: bool = False,
    ) -> Outcome:
        """
        Open again what a document has cleared, as FBRA does; *reverse* reverses it as well.

        A clearing with a residual item is reset with its reversal only, while the residual is open.
        """
        return self._run(
            "reverse accounting",
            resetting.reset_clearing,
            company_code,
            clearing_document,
            fiscal_year,
            reverse=reverse,
        )

    def reverse_accounting_document(
        self,
        company_code: str,
        number: str,
        fiscal_year: int = 0,
        posting_date: date | None = None,
    ) -> Outcome:
        """
        Reverse a document without cleared items, as FB08 does; both clear each other.

        What billing or a goods movement has posted is refused: it is taken back there.
        """
        return self._run(
            "reverse accounting",
            resetting.reverse_document,
            company_code,
            number,
            fiscal_year,
            posting_date=posting_date,
        )
