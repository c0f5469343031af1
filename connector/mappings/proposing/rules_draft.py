"""The rules and tables that are proposed for a channel: those of all shops, and what is its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from connector.mappings.external_order import ExternalOrder
from connector.mappings.proposing.profile_text import MARK, scalar

#: What the rules of all shops are called, beside those of the channel.
BASE: Final = "base/shop.yaml"


def rules_text(channel: str, prefix: str, sources: str, *, with_payments: bool) -> str:
    """Return the rules of *channel*, whose references begin with *prefix*."""
    lines = [
        "# yaml-language-server: $schema=../schemas/rules.schema.json",
        f"# A proposal for the channel {channel}, made from {sources}.",
        "# The rules of all shops, with tables of its own. Nobody has checked them yet.",
        "#",
        "# Open questions:",
        f"# - {channel}/skus.csv: which material and unit is each article in the ERP?",
        f"# - {channel}/currencies.csv: which sales organisation and company code sells in it?",
        f"# - {channel}/one_time_customers.csv: which account stands for buyers of a country?",
        f"# - {channel}/customers.csv: which buyers have an account of their own?",
        *([f"# - {channel}/gateways.csv: which clearing account has each way to pay?"]
          if with_payments else []),
        "# - Prices with tax become PR01, prices without PR00: does your procedure have both?",
        f"proposal: {scalar(MARK)}",
        f"include: {BASE}",
        f"channel: {channel}",
        "",
        "reference:",
        f"  prefix: {scalar(prefix)}",
        "",
        "tables:",
        f"  skus: {{file: {channel}/skus.csv, key: sku}}",
        f"  currencies: {{file: {channel}/currencies.csv, key: currency}}",
        f"  customers: {{file: {channel}/customers.csv, key: [customer_id, currency, "
        "taxes_included]}",
        f"  one_time_customers: {{file: {channel}/one_time_customers.csv, key: [country, currency, "
        "taxes_included]}",
        f"  gateways: {{file: {channel}/gateways.csv, key: gateway}}",
        "",
        "payments:",
        f"  reference_prefix: {scalar(prefix.rstrip('-')[:3])}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def tables_of(orders: Sequence[ExternalOrder]) -> dict[str, str]:
    """Return the tables as CSV by name: a row for each value of *orders*, to be filled in."""
    skus: dict[str, str] = {}
    countries: dict[tuple[str, str, str], None] = {}
    for order in orders:
        for line in order.lines:
            if line.sku:
                skus.setdefault(line.sku, line.title)
        address = order.shipping_address or order.billing_address
        country = address.country if address is not None else ""
        included = "true" if order.taxes_included else "false"
        countries.setdefault((country, order.currency, included))
    currencies = dict.fromkeys(order.currency for order in orders)
    gateways = dict.fromkeys(each.gateway for order in orders for each in order.payments)
    return {
        "skus.csv": _csv("sku,material,unit,because", ((s, "", "", t) for s, t in skus.items())),
        "currencies.csv": _csv(
            "currency,sales_organization,company_code,because",
            ((c, "", "", "") for c in currencies),
        ),
        "customers.csv": _csv(
            "customer_id,currency,taxes_included,sold_to,payer,distribution_channel,because", ()
        ),
        "one_time_customers.csv": _csv(
            "country,currency,taxes_included,sold_to,payer,distribution_channel,because",
            ((*each, "", "", "", "") for each in countries if each[0]),
        ),
        "gateways.csv": _csv("gateway,bank_account,because", ((g, "", "") for g in gateways)),
    }


def _csv(header: str, rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue()
