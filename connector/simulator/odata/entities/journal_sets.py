"""The entity sets of the two services for accounting documents; they can only be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from connector.simulator.odata.entities.forms import Forms, text
from connector.simulator.odata.entities.journal_rows import cube_rows, ledger_rows
from connector.simulator.odata.entities.journal_source import JournalSource, PostedLines
from connector.simulator.odata.entities.records import RecordSet, Row
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.schema import Service

if TYPE_CHECKING:
    from connector.simulator.engine.customizing_records import GlAccount
    from connector.simulator.engine.master_records import CompanyCode
    from connector.simulator.odata.entity_set import Key, Narrowing

_PARTS = 4


class LedgerSource(JournalSource):
    """Lines of the general ledger, by the key that `ledger_id` makes."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[PostedLines]:
        """Return the document whose line *key* names."""
        parts = text(key.get("ID")).split(".")
        if len(parts) != _PARTS or not parts[2].isdigit():
            return ()
        found = forms.erp.accounting_document(parts[0], parts[1], int(parts[2]))
        return () if found is None else (PostedLines(found),)


class CompanySource:
    """The company codes."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[CompanyCode]:
        """Return the company code of *key*."""
        found = forms.master.company_codes.get(text(key.get("CompanyCode")))
        return () if found is None else (found,)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterable[CompanyCode]:
        """Return all company codes."""
        del narrowing
        return forms.master.company_codes.values()


class AccountSource:
    """The accounts of the charts of accounts."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[GlAccount]:
        """Return the account of *key*; its chart follows from nothing else."""
        chart, account = text(key.get("ChartOfAccounts")), text(key.get("GLAccount"))
        found = forms.master.gl_accounts.get((chart, account))
        return () if found is None else (found,)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterable[GlAccount]:
        """Return all accounts."""
        del narrowing
        return forms.master.gl_accounts.values()


def company_rows(forms: Forms, record: CompanyCode, item: int) -> Iterator[Row]:
    """Yield the one row of a company code."""
    del forms, item
    yield {
        "CompanyCode": record.company_code,
        "CompanyCodeName": record.name[:25],
        "CityName": record.city[:25],
        "Country": record.country,
        "Currency": record.currency,
        "Language": "EN",
        "ChartOfAccounts": record.chart_of_accounts,
        "FiscalYearVariant": "K4",
    }


def account_rows(forms: Forms, record: GlAccount, item: int) -> Iterator[Row]:
    """Yield the one row of an account."""
    del forms, item
    yield {
        "ChartOfAccounts": record.chart_of_accounts,
        "GLAccount": record.account,
        "GLAccountExternal": record.account,
    }


def cube_sets(service: Service, settings: EntitySettings) -> dict[str, RecordSet]:
    """Return the set of API_OPLACCTGDOCITEMCUBE_SRV."""
    name = "A_OperationalAcctgDocItemCube"
    item = "AccountingDocumentItem"
    return {name: RecordSet(service, name, JournalSource(), cube_rows, settings, {}, item=item)}


def journal_sets(service: Service, settings: EntitySettings) -> dict[str, RecordSet]:
    """
    Return the sets of API_JOURNALENTRYITEMBASIC_SRV.

    Cost and profit centres are kept as what a line says, without master data of their own.
    """
    sets: dict[str, RecordSet] = {}
    given: dict[str, tuple[Any, Any]] = {
        "A_JournalEntryItemBasic": (LedgerSource(), ledger_rows),
        "A_CompanyCode": (CompanySource(), company_rows),
        "A_GLAccountInChartOfAccounts": (AccountSource(), account_rows),
    }
    links = {
        "to_CompanyCode": {"CompanyCode": "CompanyCode"},
        "to_GLAccountInChartOfAccounts": {
            "ChartOfAccounts": "ChartOfAccounts",
            "GLAccount": "GLAccount",
        },
    }
    for name, (source, rows) in given.items():
        own = links if name == "A_JournalEntryItemBasic" else {}
        sets[name] = RecordSet(service, name, source, rows, settings, sets, links=own)
    return sets
