"""
What real messages contain survives: for each feature the channels that know it, and what becomes.

A feature is proven by messages of fixtures/orders; `PROOFS` names them, with what must hold of the
external order and of what it becomes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.reading import read_orders
from connector.resources import shipped
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of

ORDERS = shipped("fixtures/orders")


@dataclass(frozen=True, slots=True)
class Found:
    """The first order of a message, and what it becomes."""

    order: ExternalOrder
    mapped: MappedOrder

    @property
    def codes(self) -> set[str]:
        return {problem.code for problem in self.mapped.problems}

    @property
    def document(self) -> SalesDocument:
        document = self.mapped.document(DocumentCategory.SALES_ORDER)
        assert document is not None
        return document

    def taken_off(self) -> Decimal:
        """Return what all discount conditions of the document take off, as a positive amount."""
        conditions = [*self.document.conditions]
        for item in self.document.items:
            conditions += item.conditions
        off = (c for c in conditions if c.condition_type in ("RB00", "HB00"))
        return -sum((c.rate for c in off), Decimal(0))


Check = Callable[[Found], bool]


def held(code: str) -> Check:
    """Hold: nothing is sent before a person decided."""
    return lambda found: code in found.codes


def charged_as(sku: str, material: str, price: str) -> Check:
    """The charge is a line and an item of its own, which has no tax."""

    def check(found: Found) -> bool:
        [line] = [each for each in found.order.lines if each.sku == sku]
        order = found.mapped.documents[0].document
        [item] = [each for each in order.items if each.line_id == line.line_id]
        is_right = line.price == Decimal(price) and item.material == material
        return is_right and not found.codes and not line.taxes

    return check


def given_back(kind: str, quantity: str, price: str) -> Check:
    """The order is not held, and lines of it come back or are paid back."""

    def check(found: Found) -> bool:
        lines = [(each.kind, line) for each in found.order.returns for line in each.lines]
        wanted = (kind, Decimal(quantity), Decimal(price))
        return not found.codes and wanted in [(k, x.quantity, x.price) for k, x in lines]

    return check


def amount_back(amount: str) -> Check:
    """The order is not held, and an amount goes back that no line says."""
    return lambda found: (
        not found.codes and Decimal(amount) in [each.amount for each in found.order.returns]
    )


def _has_line_without_sku(found: Found) -> bool:
    return any(not line.sku for line in found.order.lines) and "UNKNOWN_SKU" in found.codes


def _is_free_item(found: Found) -> bool:
    free = [n for n, line in enumerate(found.order.lines) if line.price == 0]
    categories = [found.document.items[n].item_category for n in free]
    return bool(free) and set(categories) == {"TANN"}


def _has_priced_parts(found: Found) -> bool:
    return len(found.document.items) > 1 and not found.codes


def _has_gift_card_item(found: Found) -> bool:
    return any(line.is_gift_card for line in found.order.lines) and not found.codes


def _gift_card_is_no_discount(found: Found) -> bool:
    order = found.order
    paid = sum((payment.amount for payment in order.payments), Decimal(0))
    total = order.totals.grand_total
    assert total is not None
    return not found.codes and found.taken_off() == 0 and paid <= total


def _prices_contain_tax(found: Found) -> bool:
    kinds = {c.condition_type for item in found.document.items for c in item.conditions}
    return found.order.taxes_included and "PR01" in kinds and "PR00" not in kinds


def _has_several_rates(found: Found) -> bool:
    rates = {tax.rate for line in found.order.lines for tax in line.taxes}
    return len(rates) > 1


def _discount_is_spread_to_the_cent(found: Found) -> bool:
    order = found.order
    allocated = sum((line.allocated_discount for line in order.lines), Decimal(0))
    own = sum((d.amount or Decimal(0) for line in order.lines for d in line.discounts), Decimal(0))
    said = sum((d.amount or Decimal(0) for d in order.discounts), Decimal(0))
    expected = own + (allocated or said)
    return expected > 0 and found.taken_off() == expected


def _shipping_has_tax(found: Found) -> bool:
    taxes = [tax for shipping in found.order.shipping for tax in shipping.taxes]
    freight = [c for c in found.document.conditions if c.condition_type == "HD00"]
    for item in found.document.items:
        freight += [c for c in item.conditions if c.condition_type == "KF00"]
    return bool(taxes) and bool(freight)


def _is_smaller_than_ordered(found: Found) -> bool:
    return not found.codes and all(line.quantity > 0 for line in found.order.lines)


def _is_in_the_presentment_currency(found: Found) -> bool:
    return {p.currency for p in found.order.payments} == {found.order.currency}


def charge(kind: str, amount: str) -> Check:
    """The charge is there with its amount, and holds the order: no rule says what it becomes."""

    def check(found: Found) -> bool:
        charges = {(c.kind, c.amount) for c in found.order.charges}
        return (kind, Decimal(amount)) in charges and "CHARGE_WITHOUT_RULE" in found.codes

    return check


def written(text: str) -> Check:
    """The text reaches the document unharmed."""
    return lambda found: text in found.document.model_dump_json()


def ordered_on(day: date) -> Check:
    """The day of order is that of the company's calendar."""
    return lambda found: found.document.purchase_order_date == day


def _is_test(found: Found) -> bool:
    return found.order.is_test and "TEST_ORDER" in found.codes


def _items_go_to_addresses_of_their_own(found: Found) -> bool:
    partners = found.mapped.documents[0].document.partners
    streets = {p.item_number: p.address.street for p in partners if p.address and p.item_number}
    return not found.codes and len(streets) == 1


def on_top(condition_type: str, amount: str) -> Check:
    """The charge is a condition of the whole order, and nothing holds it."""

    def check(found: Found) -> bool:
        conditions = found.mapped.documents[0].document.conditions
        wanted = (condition_type, Decimal(amount))
        return not found.codes and wanted in [(c.condition_type, c.rate) for c in conditions]

    return check


PROOFS: dict[str, dict[str, Check]] = {
    "a line without a SKU": {
        "shopify/null-sku": _has_line_without_sku,
        "woocommerce/sku-missing": _has_line_without_sku,
    },
    "a line that costs nothing": {
        "shopify/free-gift-line": _is_free_item,
        "woocommerce/free-gift-line": _is_free_item,
        "ubl/zero-priced-sample": _is_free_item,
    },
    "goods free of charge beside those that are paid for": {
        "edifact/goods-free-of-charge-beside": held("FREE_GOODS"),
    },
    "a negative line": {
        "shopify/negative-quantity": held("QUANTITY_NOT_POSITIVE"),
        "woocommerce/discount-of-an-extension-as-negative-fee": on_top("HB00", "-5.00"),
    },
    "a bundle": {
        "shopify/bundle-of-several-products": _has_priced_parts,
        "magento/bundle-priced-by-its-parts": _has_priced_parts,
    },
    "a gift card that is bought": {
        "shopify/gift-card-line": _has_gift_card_item,
        "shopify/gift-card-alone": _has_gift_card_item,
    },
    "a gift card that pays": {
        "shopify/paid-with-gift-card-and-card": _gift_card_is_no_discount,
        "woocommerce/paid-in-part-with-a-gift-card": _gift_card_is_no_discount,
        "magento/paid-with-a-gift-card": _gift_card_is_no_discount,
    },
    "prices with tax": {
        f"{channel}/{case}": _prices_contain_tax
        for channel, case in (
            ("shopify", "one-line"), ("shopify-graphql", "line-discount"),
            ("woocommerce", "prices-with-tax"), ("magento", "prices-with-tax-and-two-rates"),
            ("amazon", "prices-with-tax"), ("amazon-2026", "prices-with-tax"),
            ("bigcommerce", "prices-with-tax"), ("prestashop", "prices-with-tax"),
            ("prestashop-xml", "prices-with-tax"), ("sap-commerce", "prices-with-tax"),
        )
    },
    "prices with tax where prices without are agreed": {
        "opentrans/prices-with-tax": held("PRICES_WITH_TAX"),
    },
    "several tax rates": {
        "shopify/two-tax-rates": _has_several_rates,
        "shopify-graphql/two-tax-rates-with-discount": _has_several_rates,
        "woocommerce/two-tax-rates": _has_several_rates,
        "magento/prices-with-tax-and-two-rates": _has_several_rates,
    },
    "a discount of the order, spread to the cent": {
        "shopify/discount-code-on-order": _discount_is_spread_to_the_cent,
        "shopify/old-interface-discount-code": _discount_is_spread_to_the_cent,
        "shopify/old-interface-discount-of-a-line": _discount_is_spread_to_the_cent,
        "shopify-graphql/two-tax-rates-with-discount": _discount_is_spread_to_the_cent,
        "woocommerce/coupon-shared-among-lines": _discount_is_spread_to_the_cent,
        "magento/coupon-shared-among-lines": _discount_is_spread_to_the_cent,
        "bigcommerce/discount-on-the-order": _discount_is_spread_to_the_cent,
        "prestashop/voucher-on-the-order": _discount_is_spread_to_the_cent,
        "sap-commerce/promotions-on-product-and-order": _discount_is_spread_to_the_cent,
        "ubl/allowance-for-the-order": _discount_is_spread_to_the_cent,
        "idoc/discount-and-freight-of-the-header": _discount_is_spread_to_the_cent,
    },
    "shipping with tax": {
        "shopify/several-lines": _shipping_has_tax,
        "woocommerce/prices-with-tax": _shipping_has_tax,
        "magento/prices-with-tax-and-two-rates": _shipping_has_tax,
    },
    "a refund with lines": {
        "shopify/partly-refunded": given_back("goods", "1", "59.38"),
        "shopify/refund-for-goods-that-stay": given_back("credit", "2", "59.38"),
        "shopify/refund-before-anything-was-sent": held("REFUNDED_ORDER"),
        "shopify/old-interface-refunded-line": held("REFUNDED_ORDER"),
        "woocommerce/partly-refunded": held("REFUNDED_ORDER"),
        "magento/refunded-in-part": held("REFUNDED_ORDER"),
        "bigcommerce/refunded-in-part": held("REFUNDED_ORDER"),
        "prestashop/refunded": held("REFUNDED_ORDER"),
    },
    "a refund without lines": {
        "shopify/goodwill-without-lines": amount_back("5.00"),
        "shopify/refund-without-lines": held("REFUNDED_ORDER"),
    },
    "a refund of a part of shipping": {
        "shopify/refund-of-returned-goods-and-shipping": amount_back("2.45"),
        "shopify/shipping-refunded-in-part": held("REFUNDED_ORDER"),
    },
    "an edited order": {
        "shopify/edited-order": _is_smaller_than_ordered,
        "shopify-graphql/edited-order": _is_smaller_than_ordered,
        "ubl/change-that-deletes-a-line": held("ORDER_CHANGE"),
        "cxml/update-of-an-order": held("ORDER_CHANGE"),
        "edifact/change-of-an-order": held("ORDER_CHANGE"),
        "edifact/order-change-message": held("ORDER_CHANGE"),
        "idoc/change-of-an-order": held("ORDER_CHANGE"),
        "x12/replacement": held("ORDER_CHANGE"),
    },
    "a cancelled order": {
        f"{channel}/{case}": held("CANCELLED_ORDER")
        for channel, case in (
            ("shopify", "cancelled"), ("woocommerce", "cancelled"), ("magento", "cancelled"),
            ("amazon", "cancelled"), ("prestashop", "cancelled"), ("sap-commerce", "cancelled"),
            ("ubl", "cancellation"), ("cxml", "cancellation"), ("edifact", "cancellation"),
            ("x12", "cancellation"),
        )
    },
    "several ship-to addresses": {
        f"{channel}/{case}": held("SEVERAL_SHIP_TO")
        for channel, case in (
            ("bigcommerce", "two-shipping-addresses"), ("ubl", "two-delivery-addresses"),
            ("cxml", "items-for-two-addresses"),
            ("edifact", "several-places-of-delivery"), ("x12", "goods-for-several-shops"),
            ("x12", "two-addresses-without-numbers"), ("idoc", "items-for-two-plants"),
        )
    } | {
        "sap-commerce/entries-for-two-addresses": _items_go_to_addresses_of_their_own,
        "bigcommerce/products-for-two-addresses": _items_go_to_addresses_of_their_own,
    },
    "a currency of the shop and another of the customer": {
        "shopify/paid-in-another-currency-than-the-shops": _is_in_the_presentment_currency,
    },
    "a fee": {
        "shopify/additional-fee": charged_as("FEE", "CH-1200", "12.00"),
        "woocommerce/fee-for-gift-wrapping": on_top("ZCH0", "3.90"),
        "magento/gift-wrap": charge("gift wrap", "3"),
        "magento/fixed-product-tax": charge("fixed product tax", "1.19"),
        "amazon/gift-wrap": on_top("ZCH0", "3.49"),
        "bigcommerce/handling-charged": on_top("ZCH0", "2.50"),
        "bigcommerce/fee-for-a-small-order": on_top("ZCH0", "4.76"),
        "prestashop/gift-wrap": on_top("ZCH0", "3"),
        "ubl/charge-of-the-buyer": held("CHARGE_WITHOUT_RULE"),
        "x12/freight-charged": charge("Freight", "25"),
        "x12/charge-in-percent": held("CHARGE_WITHOUT_RULE"),
        "edifact/packing-charged-by-the-buyer": held("CHARGE_WITHOUT_RULE"),
        "edifact/allowance-in-percent": held("CHARGE_WITHOUT_RULE"),
        "cxml/price-that-was-modified": held("CHARGE_WITHOUT_RULE"),
        "opentrans/surcharge-for-small-quantities": charge("Mindermenge", "5.00"),
        "idoc/discount-and-freight-of-the-header": charge("Fracht", "7.50"),
    },
    "a tip": {
        "shopify/tip": charged_as("TIP", "CH-1000", "3.00"),
        "amazon-2026/tip-for-the-delivery": held("CHARGE_WITHOUT_RULE"),
    },
    "a duty": {"shopify/duties-collected": charged_as("DUTY", "CH-1100", "18.50")},
    "a rounding of the payment": {"shopify/cash-rounding": held("CHARGE_WITHOUT_RULE")},
    "binary fractions for amounts": {
        "magento/binary-fractions": lambda found: not found.codes,
        "sap-commerce/binary-fractions": lambda found: not found.codes,
    },
    "unicode": {
        "shopify/unicode-names": lambda found: not found.document.model_dump_json().isascii(),
        "woocommerce/unicode-names": lambda found: not found.document.model_dump_json().isascii(),
        "ubl/notes-and-deliveries-of-a-line": written("Rahmennummern mitteilen"),
        "cxml/tax-and-shipping-at-the-items": written("Bitte stoßsicher verpacken"),
    },
    "a time zone of its own": {
        # 23:30 on the 15th in Honolulu is the 16th for the company.
        "shopify/ordered-beyond-the-date-line": ordered_on(date(2026, 11, 16)),
    },
    "a missing customer": {"shopify/missing-customer": held("UNKNOWN_CUSTOMER")},
    "a test order": {
        "shopify/test-order": _is_test,
        "x12/test-interchange": _is_test,
        "edifact/test-interchange": _is_test,
        "cxml/test-deployment": _is_test,
    },
    "a price for another unit than is ordered": {
        "edifact/price-in-another-unit": held("PRICE_IN_ANOTHER_UNIT"),
    },
    "a total that the lines do not come to": {
        "edifact/total-of-the-message": held("TOTALS_DO_NOT_ADD_UP"),
        "cxml/total-is-another": held("TOTALS_DO_NOT_ADD_UP"),
        "ubl/lines-do-not-add-up": held("TOTALS_DO_NOT_ADD_UP"),
        "idoc/a-line-is-missing": held("TOTALS_DO_NOT_ADD_UP"),
        "shopify/totals-off-by-a-cent": held("TOTALS_DO_NOT_ADD_UP"),
        "woocommerce/totals-off-by-a-cent": held("TOTALS_DO_NOT_ADD_UP"),
    },
    "a blanket order": {
        "x12/blanket-order": held("FRAMEWORK_ORDER"),
        "edifact/blanket-order": held("FRAMEWORK_ORDER"),
        "ubl/blanket-order": held("FRAMEWORK_ORDER"),
    },
}  # fmt: skip

TABLE = [(feature, case) for feature, cases in PROOFS.items() for case in cases]


def found_in(case: str) -> Found:
    """Return the first order of the message of *case*."""
    channel = case.partition("/")[0]
    message = next((ORDERS / case).glob("order.*"))
    first = next(read_orders(profile_of(channel), message.read_bytes(), message.name))
    assert isinstance(first, InboundOrder)
    rules = rules_of(channel)
    return Found(first.order, map_order(first.order, rules, {DocumentCategory.SALES_ORDER}))


@pytest.mark.parametrize(("feature", "case"), TABLE, ids=[f"{f}: {c}" for f, c in TABLE])
def test_a_feature_of_real_messages_survives(feature: str, case: str) -> None:
    assert PROOFS[feature][case](found_in(case))


def test_every_channel_proves_something() -> None:
    channels = {path.stem for path in shipped("config/channels").glob("*.yaml")}

    proven = {case.partition("/")[0] for _, case in TABLE}

    # Own files and tables have tests of their own.
    assert channels - proven == {"amazon-direct", "amazon-vendor", "globalbike", "portal"}


@pytest.mark.parametrize(
    ("ordered", "cancelled"),
    [
        ("ubl/peppol-with-tax-and-total", "ubl/cancellation"),
        ("cxml/tax-and-shipping", "cxml/cancellation"),
        ("edifact/by-gtin-to-a-warehouse", "edifact/cancellation"),
        ("x12/by-vendor-and-buyer-number", "x12/cancellation"),
    ],
)
def test_a_cancellation_is_a_newer_version_of_its_order(ordered: str, cancelled: str) -> None:
    order, cancellation = found_in(ordered).order, found_in(cancelled).order

    assert cancellation.external_id == order.external_id
    assert cancellation.latest_change > order.latest_change


def test_a_change_message_is_a_newer_version_of_the_order_that_it_names() -> None:
    ordered = found_in("edifact/address-of-a-building-site").order
    changed = found_in("edifact/order-change-message").order

    assert changed.external_id == ordered.external_id
    assert changed.order_name == ordered.order_name


def test_a_change_is_a_newer_version_of_its_order_without_the_lines_that_it_deletes() -> None:
    order = found_in("ubl/peppol-with-tax-and-total").order
    change = found_in("ubl/change-that-deletes-a-line").order

    assert change.external_id == order.external_id
    assert change.latest_change > order.latest_change
    assert [line.line_id for line in change.lines] == [order.lines[0].line_id]
