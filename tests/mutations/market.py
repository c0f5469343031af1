"""Where the made-up company sells: company code, customer, currency, articles, prices, tax."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from connector.sd_documents.currency import round_amount


@dataclass(frozen=True, slots=True)
class Market:
    """
    One customer in one company code.

    ``articles`` are materials with the step of their prices: prices are whole multiples of it, so
    that every rounding of tax comes to the same amount. ``payer`` pays in the customer's place.
    """

    name: str
    company_code: str
    customer: str
    currency: str
    articles: tuple[tuple[str, Decimal], ...]
    rate: Decimal
    share: int
    sales_organization: str = ""
    distribution_channel: str = "20"
    payer: str = ""
    service: bool = False
    unit: str = "ST"

    @property
    def pays(self) -> str:
        """The customer on whose account invoices stand."""
        return self.payer or self.customer


def _articles(step: str, *names: str) -> tuple[tuple[str, Decimal], ...]:
    return tuple((name, Decimal(step)) for name in names)


_GOODS = _articles("1.00", "M-01", "M-02", "M-03", "M-07", "M-61")
_FULL, _AUSTRIAN = Decimal("0.19"), Decimal("0.20")
HOME: Final = Market("home", "1000", "C-100", "EUR", _GOODS, _FULL, 55)
DOLLARS: Final = Market("dollars", "1000", "C-100", "USD", _GOODS, _FULL, 8)
AUSTRIA: Final = Market("Austria", "1000", "A-600", "EUR", _GOODS, _AUSTRIAN, 10)
FIRST_PAYER: Final = Market("first payer", "1000", "S-700", "EUR", _GOODS, _FULL, 5, payer="P-701")
SECOND_PAYER: Final = Market(
    "second payer", "1000", "S-700", "EUR", _GOODS, _FULL, 5, payer="P-702"
)
JAPAN: Final = Market(
    "Japan", "2000", "JP-400", "JPY", _articles("10", "JPY-01"), Decimal("0.10"), 7
)
GULF: Final = Market("Gulf", "3000", "KW-400", "KWD", _articles("0.125", "KWD-01"), Decimal(0), 6)
SERVICE: Final = Market(
    "service", "4000", "D-01", "CNY", _articles("50.00", "SV-16"), Decimal("0.06"), 4,
    service=True, unit="STD",
)  # fmt: skip
MARKETS: Final = (
    HOME, DOLLARS, AUSTRIA, FIRST_PAYER, SECOND_PAYER, JAPAN, GULF, SERVICE,
)  # fmt: skip
#: Orders of this customer are incomplete: his master data lacks what the order type asks for.
CARELESS: Final = Market(
    "careless", "1000", "90020", "EUR", (("AC-1000", Decimal("49.90")),), _FULL, 0,
    distribution_channel="10",
)  # fmt: skip
COMPANY_CODES: Final = ("1000", "2000", "3000", "4000")


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line of an order; ``price`` is net and for one piece."""

    material: str
    quantity: int
    price: Decimal

    @property
    def net(self) -> Decimal:
        return self.price * self.quantity


@dataclass(slots=True)
class Sale:
    """An order with the numbers of the documents that were made for it, in order."""

    number: int
    market: Market
    on: date
    lines: tuple[SoldLine, ...]
    order: str = ""
    deliveries: list[str] = field(default_factory=list)
    invoices: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    stage: str = "ordered"

    @property
    def name(self) -> str:
        """The external id, and the purchase order number in the ERP."""
        return f"EXT-{self.number:06d}"

    @property
    def gross(self) -> Decimal:
        """What the customer owes for all of it."""
        nets = [line.net for line in self.lines]
        taxes = [round_amount(net * self.market.rate, self.market.currency) for net in nets]
        return round_amount(sum(nets, Decimal(0)) + sum(taxes, Decimal(0)), self.market.currency)

    @property
    def invoice(self) -> str:
        """The newest billing document."""
        return self.invoices[-1]

    @property
    def marks(self) -> frozenset[str]:
        """What names this sale in differences."""
        numbers = (self.order, *self.deliveries, *self.invoices, *self.receipts, *self.further)
        return frozenset({self.name, *numbers} - {""})
