"""
What finance must read in the joint books on each key date, by hand, case by case.

Amounts are what each case leaves open on the receivable account on a day and after it, until its
next entry. All sums are made of these alone.
"""

from __future__ import annotations

from decimal import Decimal

KEY_DATES = (
    *("2026-01-31", "2026-02-19", "2026-02-28", "2026-03-08", "2026-03-12", "2026-03-25"),
    *("2026-04-05", "2026-04-15", "2026-05-01", "2026-05-11", "2026-05-12", "2026-05-16"),
    *("2026-05-21", "2026-06-30", "2026-07-02"),
)

#: Company code, currency and special G/L indicator; then by case what is open from a day on.
OPEN: dict[tuple[str, str, str], dict[str, dict[str, str]]] = {
    ("1000", "EUR", ""): {
        "C01": {"2026-01-15": "11900.00", "2026-01-28": "0.00"},
        "C02": {"2026-02-04": "3094.00", "2026-03-01": "119.00"},
        "C03": {"2026-02-10": "952.00", "2026-02-20": "666.40", "2026-03-10": "0.00"},
        "C05": {
            "2026-03-01": "1190.00",
            "2026-03-20": "790.00",
            "2026-04-10": "290.00",
            "2026-04-25": "0.00",
        },
        "C06": {"2026-03-05": "205.10", "2026-03-06": "0.00"},
        "C07": {"2026-03-09": "1487.50"},
        "C10": {
            "2026-03-02": "1190.00",
            "2026-03-10": "0.00",
            "2026-03-11": "-1190.00",
            "2026-05-12": "-297.50",
        },
        "C13": {
            "2026-02-28": "900.00",
            "2026-04-30": "1600.00",
            "2026-05-01": "2100.00",
            "2026-05-20": "2350.00",
            "2026-05-30": "2450.00",
            "2026-05-31": "4450.00",
            "2026-06-15": "5350.00",
            "2026-06-20": "5200.00",
            "2026-06-25": "4800.00",
            "2026-07-01": "4920.00",
            "2026-07-02": "4670.00",
        },
        # What the provider refunded is a credit memo that no receipt has used.
        "payout": {"2026-04-16": "0.00", "2026-04-20": "-23.80"},
    },
    ("1000", "USD", ""): {
        "dollars": {
            "2026-01-10": "2380.00",
            "2026-02-10": "1380.00",
            "2026-03-10": "500.00",
            "2026-04-10": "0.00",
        }
    },
    # 0.92; 1,000 come in at 0.90; 500 stay at 0.95
    ("1000", "USD in EUR", ""): {
        "dollars": {
            "2026-01-10": "2189.60",
            "2026-02-10": "1289.60",
            "2026-03-10": "475.00",
            "2026-04-10": "0.00",
        }
    },
    ("2000", "JPY", ""): {"C04": {"2026-02-16": "2049", "2026-02-27": "0"}},
    ("3000", "KWD", ""): {"C04": {"2026-02-16": "49.754"}},
    ("4000", "CNY", ""): {
        "C15": {
            "2026-05-02": "-200000.00",
            "2026-05-06": "-87000.00",
            "2026-05-11": "-113000.00",
            "2026-05-13": "0.00",
        },
        "C15 paid down": {"2026-05-18": "113000.00", "2026-05-19": "63000.00"},
        "C16": {"2026-05-20": "2544.00", "2026-05-21": "341544.00"},
    },
    ("4000", "CNY", "A"): {"C15 paid down": {"2026-05-15": "-50000.00", "2026-05-19": "0.00"}},
}


def open_on(key_date: str) -> dict[tuple[str, str, str], str]:
    """Return what is open by company code, currency and indicator, where anything ever was."""
    found = {}
    for scope, cases in OPEN.items():
        known = [_on(entries, key_date) for entries in cases.values()]
        if any(each is not None for each in known):
            found[scope] = str(sum((Decimal(each) for each in known if each), Decimal(0)))
    return {scope: _with_decimals(amount, scope[1]) for scope, amount in found.items()}


def _on(entries: dict[str, str], key_date: str) -> str | None:
    days = [day for day in entries if day <= key_date]
    return entries[max(days)] if days else None


def _with_decimals(amount: str, currency: str) -> str:
    decimals = {"JPY": 0, "KWD": 3}.get(currency, 2)
    return f"{Decimal(amount):.{decimals}f}"


#: Not due, to 30, to 60, to 90, above, on account, total: by key date, company code and currency.
AGEING: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "2026-03-25": {  # C07 and C05 not due; C02's rest since 2026-03-06; C10 on account
        ("1000", "EUR"): ("3177.50", "119.00", "0.00", "0.00", "0.00", "-1190.00", "2106.50"),
        ("1000", "USD"): ("0.00", "0.00", "500.00", "0.00", "0.00", "0.00", "500.00"),
        ("3000", "KWD"): ("0.000", "49.754", "0.000", "0.000", "0.000", "0.000", "49.754"),
    },
    "2026-04-05": {  # C05: 790.00 are 5 days late, C13's first item is due since 2026-03-30
        ("1000", "EUR"): ("1487.50", "1809.00", "0.00", "0.00", "0.00", "-1190.00", "2106.50"),
        ("1000", "USD"): ("0.00", "0.00", "500.00", "0.00", "0.00", "0.00", "500.00"),
        ("3000", "KWD"): ("0.000", "49.754", "0.000", "0.000", "0.000", "0.000", "49.754"),
    },
    "2026-04-15": {  # C05: 290.00, 15 days late; C07 since 2026-04-08
        ("1000", "EUR"): ("0.00", "2677.50", "119.00", "0.00", "0.00", "-1190.00", "1606.50"),
        ("3000", "KWD"): ("0.000", "49.754", "0.000", "0.000", "0.000", "0.000", "49.754"),
    },
    # C13: 2,900 900 500 0 900 -400; C07 61-90; C02 above 90; C10 on account; the refund 31-60
    "2026-06-30": {
        ("1000", "EUR"): (
            *("2900.00", "900.00", "476.20", "1487.50", "1019.00"),
            *("-697.50", "6085.20"),
        ),
        ("3000", "KWD"): ("0.000", "0.000", "0.000", "0.000", "49.754", "0.000", "49.754"),
        ("4000", "CNY"): ("0.00", "404544.00", "0.00", "0.00", "0.00", "0.00", "404544.00"),
    },
}

#: Items, open, overdue and on account by payer on 2026-06-30.
PAYERS = {
    "C-100": (3, "-178.50 EUR", "119.00 EUR", "-297.50 EUR"),
    "C-130": (11, "4,800.00 EUR", "2,300.00 EUR", "-400.00 EUR"),
    "C-120": (1, "-23.80 EUR", "-23.80 EUR", "0.00 EUR"),
    "P-701": (1, "595.00 EUR", "595.00 EUR", "0.00 EUR"),
    "P-702": (1, "892.50 EUR", "892.50 EUR", "0.00 EUR"),
    "KW-400": (1, "49.754 KWD", "49.754 KWD", "0.000 KWD"),
    "D-01": (2, "341,544.00 CNY", "341,544.00 CNY", "0.00 CNY"),
    "D-02": (2, "63,000.00 CNY", "63,000.00 CNY", "0.00 CNY"),
}

_OVER = ("QTY_OVER_DELIVERED", "119.00 EUR")
_TAXES = (("TAX_ROUNDING", "-0.01 EUR"), ("TAX_ROUNDING", "0.01 EUR"))
_SHORT = ("UNDERPAYMENT", "119.00 EUR")
_TWICE = ("DUPLICATE_PAYMENT", "-1,190.00 EUR")
#: The invoice in dollars is due on 2026-02-09.
_PART = ("UNDERPAYMENT", "1,380.00 USD")
_REST = ("UNDERPAYMENT", "500.00 USD")
_SPRING = (_OVER, *_TAXES, _TWICE, _SHORT)
_SUMMER = (_OVER, *_TAXES, ("DUPLICATE_PAYMENT", "-297.50 EUR"), _SHORT)
_JUNE = (
    *_SUMMER,
    ("ORDER_BLOCKED", "-452,000.00 CNY"),
    ("ORPHAN_FI_ITEM", "-150.00 EUR"),
    ("UNDERPAYMENT", "500.00 EUR"),
    ("UNDERPAYMENT", "63,000.00 CNY"),
)
_LATER = ("MISSING_BILLING", "-339,000.00 CNY", "2026-07-23")
_CREDITS = (
    ("UNAPPLIED_CASH", "-26,000.00 CNY", "2026-05-25"),
    ("UNAPPLIED_CASH", "-87,000.00 CNY", "2026-05-16"),
)

#: Code and difference of all breaks, by key date.
BREAKS: dict[str, tuple[tuple[str, str], ...]] = {
    "2026-01-31": (),
    "2026-02-19": (_OVER, _PART),
    "2026-02-28": (_OVER, _PART),
    "2026-03-08": (_OVER, *_TAXES, _SHORT, _PART),
    "2026-03-12": (*_SPRING, _REST),
    "2026-03-25": (*_SPRING, _REST),
    "2026-04-05": (*_SPRING, _REST, ("UNDERPAYMENT", "790.00 EUR")),
    "2026-04-15": (*_SPRING, ("UNDERPAYMENT", "290.00 EUR")),
    "2026-05-01": _SPRING,
    "2026-05-11": _SPRING,
    "2026-05-12": _SUMMER,
    "2026-05-16": _SUMMER,
    "2026-05-21": _SUMMER,
    "2026-06-30": _JUNE,
    "2026-07-02": _JUNE,
}

#: Code, difference and the day on which it becomes a break, of all that is pending, by key date.
PENDING: dict[str, tuple[tuple[str, str, str], ...]] = {
    "2026-02-19": (("CREDIT_PENDING", "285.60 EUR", "2026-03-02"),),
    "2026-03-25": (("UNDERPAYMENT", "790.00 EUR", "2026-04-01"),),
    "2026-05-11": _CREDITS,
    "2026-05-12": _CREDITS,
    "2026-05-16": (("UNAPPLIED_CASH", "-50,000.00 CNY", "2026-05-29"),),
    "2026-05-21": (
        ("ORDER_BLOCKED", "-452,000.00 CNY", "2026-06-23"),
        ("UNDERPAYMENT", "63,000.00 CNY", "2026-06-18"),
        _LATER,
    ),
    "2026-06-30": (_LATER, ("UNAPPLIED_CASH", "-400.00 EUR", "2026-07-09")),
    "2026-07-02": (_LATER, ("UNAPPLIED_CASH", "-400.00 EUR", "2026-07-09")),
}

#: Terms that are not zero of the first and the third comparison on 2026-06-30.
ORDERS = {
    # 11,900 + 2,975 + 952 + 1,190 + 205.10 + 1,487.50 + 1,190 + 892.50 + 5,650 + 416.50
    ("1000", "EUR"): {
        "external orders": "26858.60",
        "billed": "26568.20",
        "explained": "409.40",
        "breaks": "-119.00",
    },
    ("1000", "USD"): {"external orders": "2380.00", "billed": "2380.00"},
    ("2000", "JPY"): {"external orders": "2049", "billed": "2049"},
    ("3000", "KWD"): {"external orders": "49.754", "billed": "49.754"},
    # 3 x 113,000 + 2,544 + 1,130,000
    ("4000", "CNY"): {
        "external orders": "1471544.00",
        "billed": "680544.00",
        "not yet billed": "339000.00",
        "breaks": "452000.00",
    },
}
#: What the provider says of its payout.
PAYOUT = {
    "paid out": "379.88",
    "charges": "416.50",
    "refunds": "-23.80",
    "fees": "-12.82",
}
#: What clearings realised of other rates: 836 + 475 - 1,289.60 is gained, 475 - 470 lost.
EXCHANGE = ["-21.40 EUR", "5.00 EUR"]
RECEIPTS = {
    # 11,662 + 2,975 + 666.40 + 1,190 + 205.10 + 2 x 1,190 + 200 + 400 + 403.68 of the cards
    ("1000", "EUR", ""): {
        "received": "20082.18",
        "applied": "19635.50",
        "discount and differences": "-238.00",
        "unapplied": "697.50",
        "fees of providers": "-12.82",
    },
    ("1000", "USD", ""): {"received": "2380.00", "applied": "2380.00"},
    ("2000", "JPY", ""): {"received": "2049", "applied": "2049"},
    ("4000", "CNY", ""): {"received": "226000.00", "applied": "226000.00"},
    ("4000", "CNY", "A"): {"received": "50000.00", "applied": "50000.00"},
}
