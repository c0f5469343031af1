"""The entries of a camt.053 statement as bank lines: one each, or one per payment of a batch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from connector.sd_documents.values import Money
from connector.statements.model import BankLine
from connector.statements.references import given_reference
from connector.statements.values import ValueProblem, day_of, money_of, wrong_value

XmlElement = Any

#: Entry references so short only count the entries of one statement.
_COUNTER: Final = re.compile(r"\d{1,6}")
_UNNAMED: Final = "-"


def text_at(element: XmlElement, path: str) -> str:
    """Return the text of the first element at *path* (local names), empty where there is none."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return "" if found is None else " ".join((found.text or "").split())


class Entries:
    """
    Reads the entries of one statement.

    What cannot be read stands in ``problems``, named by its line; what is not booked yet is
    counted in ``notes``.
    """

    def __init__(self, source: str, account: str, statement: str) -> None:
        self._source, self._account, self._statement = source, account, statement
        self.problems: list[str] = []
        self.notes: list[str] = []

    def lines(self, statement: XmlElement) -> list[BankLine]:
        """Return the booked lines of *statement*, in its order."""
        lines: list[BankLine] = []
        waiting = 0
        for number, entry in enumerate(statement.findall("{*}Ntry"), 1):
            status = text_at(entry, "Sts/Cd") or text_at(entry, "Sts")
            if status not in ("BOOK", ""):
                waiting += 1
                continue
            try:
                lines += self._of_entry(entry, len(lines))
            except (ValueProblem, ValidationError) as error:
                told = wrong_value(error) if isinstance(error, ValidationError) else str(error)
                self.problems.append(
                    f"{self._source}, entry {number} in line {entry.sourceline}: {told}"
                )
        if waiting:
            self.notes.append(f"not booked yet and left out: {waiting}")
        return lines

    def _of_entry(self, entry: XmlElement, position: int) -> list[BankLine]:
        amount = _signed(entry, entry.find("{*}Amt"))
        booked_on = text_at(entry, "BookgDt/Dt") or text_at(entry, "BookgDt/DtTm")
        valued_on = text_at(entry, "ValDt/Dt") or text_at(entry, "ValDt/DtTm")
        payments = entry.findall("{*}NtryDtls/{*}TxDtls")
        amounts = _amounts(entry, payments, amount)
        whole = BankLine(
            bank_account=self._account,
            bank_reference=_entry_reference(entry, payments) or _UNNAMED,
            statement=self._statement,
            position=position + 1,
            booking_date=day_of(booked_on or valued_on),
            value_date=day_of(valued_on or booked_on),
            amount=amount,
            remittance=_remittance(entry, payments),
            end_to_end_id=_end_to_end(payments[0]) if len(payments) == 1 else "",
            payer_hint=_other_side(payments[0], amount) if len(payments) == 1 else "",
            is_reversal=text_at(entry, "RvslInd") == "true",
        )
        if not amounts:
            return [whole]
        return [
            whole.model_copy(
                update={
                    "bank_reference": _part_reference(payment, whole.bank_reference, number),
                    "position": position + number,
                    "amount": part,
                    "remittance": _remittance(entry, (payment,)),
                    "end_to_end_id": _end_to_end(payment),
                    "payer_hint": _other_side(payment, part),
                }
            )
            for number, (payment, part) in enumerate(zip(payments, amounts, strict=True), 1)
        ]


def _signed(entry: XmlElement, amount: XmlElement) -> Money:
    if amount is None:
        raise ValueProblem("no amount (Amt)")
    money = money_of(amount.text or "", amount.get("Ccy", ""))
    direction = text_at(entry, "CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        raise ValueProblem(f"{direction!r} is no direction (CdtDbtInd); expected CRDT or DBIT")
    return money if direction == "CRDT" else -money


def _amounts(entry: XmlElement, payments: Iterable[XmlElement], total: Money) -> list[Money]:
    """
    Return the amounts of a batch's payments, empty where the entry is to be taken as one.

    It is split only where its payments add up to it: parts that do not would lose money.
    """
    found: list[Money] = []
    for payment in payments:
        amount = payment.find("{*}Amt")
        if amount is None:
            amount = payment.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
        if amount is None:
            return []
        try:
            part = money_of(amount.text or "", amount.get("Ccy", ""))
        except ValueProblem:
            return []
        direction = text_at(payment, "CdtDbtInd") or text_at(entry, "CdtDbtInd")
        found.append(part if direction == "CRDT" else -part)
    if len(found) < 2 or any(part.currency != total.currency for part in found):
        return []
    return found if sum((part.amount for part in found), Decimal(0)) == total.amount else []


def _entry_reference(entry: XmlElement, payments: list[XmlElement]) -> str:
    reference = given_reference(text_at(entry, "AcctSvcrRef"))
    if not reference and len(payments) == 1:
        reference = given_reference(text_at(payments[0], "Refs/AcctSvcrRef"))
    if not reference:
        own = given_reference(text_at(entry, "NtryRef"))
        reference = "" if _COUNTER.fullmatch(own) else own
    return reference


def _part_reference(payment: XmlElement, whole: str, number: int) -> str:
    own = given_reference(text_at(payment, "Refs/AcctSvcrRef"))
    if own and own != whole:
        return own
    return whole if whole == _UNNAMED else f"{whole}/{number}"


def _end_to_end(payment: XmlElement) -> str:
    return given_reference(text_at(payment, "Refs/EndToEndId"))


def _remittance(entry: XmlElement, payments: Iterable[XmlElement]) -> tuple[str, ...]:
    texts: list[str] = []
    for payment in payments:
        for path in (
            "RmtInf/Ustrd",
            "RmtInf/Strd/CdtrRefInf/Ref",
            "RmtInf/Strd/RfrdDocInf/Nb",
            "RmtInf/Strd/AddtlRmtInf",
        ):
            names = "/".join(f"{{*}}{name}" for name in path.split("/"))
            texts += [" ".join((found.text or "").split()) for found in payment.findall(names)]
    texts = [text for text in texts if text]
    if not texts:
        texts = [text for text in (text_at(entry, "AddtlNtryInf"),) if text]
    return tuple(dict.fromkeys(texts))


def _other_side(payment: XmlElement, amount: Money) -> str:
    """Return the account of the other side, or its name where no account is given."""
    party = "Dbtr" if amount.amount >= 0 else "Cdtr"
    for path in (
        f"RltdPties/{party}Acct/Id/IBAN",
        f"RltdPties/{party}Acct/Id/Othr/Id",
        f"RltdPties/{party}/Pty/Nm",
        f"RltdPties/{party}/Nm",
    ):
        found = text_at(payment, path)
        if found:
            return found
    return ""
