"""
Read camt.053 (ISO 20022 bank to customer statement), versions 02 and later.

Elements are found by their local names: the versions differ in namespace and in a few wrappers
(``Sts/Cd``, ``Pty``), not in what they mean. Nothing that a document refers to is resolved.

Source: ISO 20022 message definition report, camt.053.001.02 to .08.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from connector.errors import MessageError
from connector.sd_documents.values import Money
from connector.statements.balances import checked
from connector.statements.camt_entries import Entries, text_at
from connector.statements.encodings import AUTO, File, require_size
from connector.statements.model import BankStatement, Reading
from connector.statements.references import with_references
from connector.statements.values import ValueProblem, day_of, money_of

CAMT053: Final = "camt.053"

#: lxml's types do not know elements by name.
XmlElement = Any

_NAMESPACE: Final = re.compile(r"\{.*:(camt|pain|pacs)\.(\d{3})\.(\d{3})\.(\d{2})\}")
_OTHERS: Final = {
    "BkToCstmrDbtCdtNtfctn": "a camt.054 notification, whose entries come again in a statement",
    "BkToCstmrAcctRpt": "a camt.052 intraday report, whose entries come again in a statement",
}
#: Balance types by preference. Interim ones stand on the pages of a statement.
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_INTERIM: Final = "ITBD"


def read_camt053(file: File) -> Reading:
    """
    Return the statements in *file*.

    Raises:
        MessageError: it is no camt.053, or a statement has no account.
    """
    require_size(file)
    root = _root(file)
    found = root.findall("./{*}BkToCstmrStmt/{*}Stmt")
    if not found:
        raise _not_statements(file, root)
    statements = tuple(_statement(file, element) for element in found)
    return Reading(source=file.source, sha256=file.sha256, format=CAMT053, statements=statements)


def _root(file: File) -> XmlElement:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=None if file.encoding == AUTO else file.encoding,
    )
    try:
        root: XmlElement = etree.fromstring(file.content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        said = (error.msg or "the text breaks off").partition(", line ")[0]
        raise MessageError(
            f"{file.source}, line {line} column {max(column, 1)}",
            f"not XML: {said[:120]}",
            "complete XML of a camt.053 statement",
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise MessageError(
            file.source,
            "the document has a document type declaration, which is not accepted",
            "XML without one, as ISO 20022 has it",
        )
    return root


def _not_statements(file: File, root: XmlElement) -> MessageError:
    names = [etree.QName(child).localname for child in root]
    namespace = _NAMESPACE.match(str(root.tag))
    problem = next((f"the document is {_OTHERS[name]}" for name in names if name in _OTHERS), "")
    if not problem and "BkToCstmrStmt" in names:
        problem = "the document has no statement (Stmt)"
    if not problem and namespace:
        problem = "the document is a {}.{} message".format(*namespace.groups()[:2])
    return MessageError(
        file.source,
        problem or f"the document is {etree.QName(root).localname!r}",
        "a camt.053 document with statements (Document/BkToCstmrStmt/Stmt)",
    )


def _statement(file: File, element: XmlElement) -> BankStatement:
    where = f"{file.source}, line {element.sourceline}"
    account = _account(element)
    if not account:
        raise MessageError(
            where, "the statement names no account", "Acct/Id/IBAN or Acct/Id/Othr/Id"
        )
    problems: list[str] = []
    opening, opened_on = _balance(element, _OPENING, 0, where, problems)
    closing, closed_on = _balance(element, _CLOSING, -1, where, problems)
    currency = text_at(element, "Acct/Ccy") or next(
        (balance.currency for balance in (opening, closing) if balance is not None), ""
    )
    page = text_at(element, "StmtPgntn/PgNb")
    entries = Entries(file.source, account, text_at(element, "Id"))
    lines = entries.lines(element)
    problems += entries.problems
    problems += _summary_problems(where, element, len(element.findall("{*}Ntry")))
    statement = BankStatement(
        source=file.source,
        sha256=file.sha256,
        bank_account=account,
        number=text_at(element, "ElctrncSeqNb") or text_at(element, "LglSeqNb"),
        page="" if page == "1" else page,
        is_last_page=text_at(element, "StmtPgntn/LastPgInd") != "false",
        reference=text_at(element, "Id"),
        currency=currency or (lines[0].amount.currency if lines else ""),
        opened_on=opened_on,
        closed_on=closed_on,
        opening=opening,
        closing=closing,
        lines=tuple(lines),
        problems=tuple(problems),
        notes=tuple(entries.notes),
    )
    return checked(with_references(statement))


def _account(element: XmlElement) -> str:
    found = text_at(element, "Acct/Id/IBAN") or text_at(element, "Acct/Id/Othr/Id")
    return "".join(found.split()).upper()


def _balance(
    element: XmlElement, codes: tuple[str, ...], place: int, where: str, problems: list[str]
) -> tuple[Money | None, Any]:
    """Return the booked balance of the first of *codes* there is, and its day."""
    by_code: dict[str, list[XmlElement]] = {}
    for balance in element.findall("{*}Bal"):
        by_code.setdefault(text_at(balance, "Tp/CdOrPrtry/Cd"), []).append(balance)
    found = next((by_code[code][place] for code in codes if code in by_code), None)
    if found is None:
        interim = by_code.get(_INTERIM, [])
        found = interim[place] if len(interim) > 1 or (interim and place == -1) else None
    if found is None:
        return None, None
    amount = found.find("{*}Amt")
    try:
        money = money_of(
            "" if amount is None else amount.text or "",
            "" if amount is None else amount.get("Ccy", ""),
        )
        day = day_of(text_at(found, "Dt/Dt") or text_at(found, "Dt/DtTm"))
    except ValueProblem as error:
        problems.append(f"{where}, balance in line {found.sourceline}: {error}")
        return None, None
    return (-money if text_at(found, "CdtDbtInd") == "DBIT" else money), day


def _summary_problems(where: str, element: XmlElement, count: int) -> list[str]:
    said = text_at(element, "TxsSummry/TtlNtries/NbOfNtries")
    if said.isdigit() and int(said) != count:
        return [f"{where}: {count} entries are there, the summary speaks of {said}"]
    return []
