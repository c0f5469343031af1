"""
Z_SD_CONNECTOR_POST_CLEAR: an incoming payment with clearing, in one unit of work.

SAP's own POSTING_INTERFACE_CLEARING cannot be called from outside; each customer wraps it in a
remote-enabled function of their own, whose name is a setting. The interface:

AMOUNT        what the bank received, in CURRENCY, external format
ITEMS         the items to pay: DISCOUNT is the cash discount to take, DISC_BY_TERMS = X takes
              what the terms of payment still allow
DIFFERENCE    when AMOUNT is not what items and discounts come to: blank refuses, R leaves the rest
              as a residual item, A leaves the surplus on account
PARTIAL       X: nothing is cleared, the payment stands open with reference to the first item
BANK_CHARGES  kept back by the bank, on top of AMOUNT
SP_GL_IND     special G/L indicator: A posts a down payment (F-29) where there are no ITEMS
AMOUNT 0      no money came: the ITEMS are cleared against each other (F-32); with DIFFERENCE R or A
              the rest becomes one new open item
EXCH_RATE     how much of the company's currency one of CURRENCY is; 0 takes the table's rate
DOC_NO        the payment document, final only after the commit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.simulator.engine.specs import ClearingSpec, OpenItemRef, PaymentSpec
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers.accounting import account_in
from connector.simulator.rfc.handlers.messages import bapiret2, free_text
from connector.simulator.rfc.settings import CLEARING_FUNCTION

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import AccountingDocument
    from connector.simulator.engine.outcome import Outcome

_DIFFERENCE = {"": "refuse", "R": "residual", "A": "on account"}


def post_and_clear(call: Call) -> dict[str, Any]:
    """Post the payment and clear the items it names."""
    system = call.settings.system_id
    company, difference = call.text("COMP_CODE"), call.text("DIFFERENCE")
    rows = call.table("ITEMS")
    if difference not in _DIFFERENCE:
        problem = free_text(f"DIFFERENCE {difference} is not blank, R or A", "E", "DIFFERENCE")
        return {"RETURN": bapiret2([problem], system)}
    foreign = [row for row in rows if row.get("COMP_CODE", company) != company]
    if foreign:
        problem = free_text("All items must be of the payment's company code", "E", "ITEMS")
        return {"RETURN": bapiret2([problem], system)}
    if not call.imports.get("AMOUNT"):
        return _answer(call, _clear(call, company, difference))
    outcome = call.session.post_incoming_payment_with_clearing(
        PaymentSpec(
            company_code=company,
            customer=call.text("CUSTOMER"),
            amount=keys.number(call.imports, "AMOUNT") or keys.ZERO,
            currency=call.text("CURRENCY"),
            items=[_item(row) for row in rows],
            partial=call.flag("PARTIAL"),
            difference=_DIFFERENCE[difference],
            bank_account=account_in(call.text("GL_ACCOUNT")),
            bank_charges=keys.number(call.imports, "BANK_CHARGES") or keys.ZERO,
            document_type=call.text("DOC_TYPE") or "DZ",
            document_date=keys.as_date(call.text("DOC_DATE")),
            posting_date=keys.as_date(call.text("PSTNG_DATE")),
            value_date=keys.as_date(call.text("VALUE_DATE")),
            reference=call.text("REF_DOC_NO"),
            assignment=call.text("ALLOC_NMBR"),
            text=call.text("ITEM_TEXT"),
            special_gl=call.text("SP_GL_IND"),
            exchange_rate=keys.number(call.imports, "EXCH_RATE") or None,
        )
    )
    return _answer(call, outcome)


def _clear(call: Call, company: str, difference: str) -> Outcome:
    return call.session.clear_items(
        ClearingSpec(
            company,
            call.text("CUSTOMER"),
            [_item(row) for row in call.table("ITEMS")],
            posting_date=keys.as_date(call.text("PSTNG_DATE")),
            residual=bool(difference),
            reference=call.text("REF_DOC_NO"),
            text=call.text("ITEM_TEXT"),
            exchange_rate=keys.number(call.imports, "EXCH_RATE") or None,
        )
    )


def _answer(call: Call, outcome: Outcome) -> dict[str, Any]:
    system, rows = call.settings.system_id, call.table("ITEMS")
    answer: dict[str, Any] = {"RETURN": bapiret2(outcome.messages, system)}
    if outcome.accepted and outcome.documents:
        document: AccountingDocument = outcome.documents[0]
        cleared = 0 if call.flag("PARTIAL") else len(rows)
        answer |= {
            "DOC_NO": document.number,
            "FISC_YEAR": document.fiscal_year,
            "CLEARED_NUM": cleared,
        }
    return answer


def _item(row: dict[str, Any]) -> OpenItemRef:
    by_terms = row.get("DISC_BY_TERMS") == "X"
    return OpenItemRef(
        row.get("DOC_NO", ""),
        keys.integer(row, "FISC_YEAR"),
        keys.integer(row, "ITEM_NUM"),
        None if by_terms else keys.number(row, "DISCOUNT") or keys.ZERO,
    )


HANDLERS: dict[str, Handler] = {CLEARING_FUNCTION: post_and_clear}
