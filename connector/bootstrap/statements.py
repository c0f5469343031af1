"""Bank statements and payouts: from folders into the store, from there into a reconciliation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from connector.bootstrap.application import Application
from connector.channels.statement_folder import ReceivedFile, StatementFolder, lies_in_failed
from connector.errors import MessageError
from connector.ports.statements import AddedReading, Statements
from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.settings.statements import StatementSettings
from connector.statements.encodings import AUTO
from connector.statements.model import Reading
from connector.statements.reading import read_statement_file


def receive(application: Application, folder: StatementFolder) -> Iterator[ReceivedFile]:
    """
    Read what lies in *folder* into the store.

    Raises:
        ConfigurationError: the folder cannot be used.
        TransientError: folder or store cannot be reached at present.
    """

    def add(reading: Reading) -> AddedReading:
        return application.statements.add(reading, application.clock.now())

    yield from folder.receive(add)


def import_file(
    application: Application, path: Path, report_format: str = AUTO, encoding: str = AUTO
) -> AddedReading | MessageError:
    """Read one file into the store; a file that is refused comes back as the reason."""
    try:
        reading = read_statement_file(path, report_format, encoding)
    except MessageError as error:
        return error
    return application.statements.add(reading, application.clock.now())


def movements(application: Application, key_date: date) -> MoneyMovements:
    """Return what bank and providers say until *key_date*."""
    return movements_of(application.statements, application.settings.statements, key_date)


def movements_of(
    statements: Statements, settings: StatementSettings, key_date: date
) -> MoneyMovements:
    """Return the statements and payouts of a store with what the settings say about them."""
    files = statements.files()
    folders = [folder.path for folder in settings.folders.values()]
    return MoneyMovements(
        statements=statements.bank_statements(until=key_date),
        payouts=statements.payouts(until=key_date),
        accounts=tuple(
            BankAccount(
                number=number,
                company_code=account.company_code,
                gl_account=account.gl_account,
                ignored=tuple(map(re.compile, account.ignore)),
            )
            for number, account in settings.accounts.items()
        ),
        providers=tuple(
            Provider(name, frozenset(provider.gateways), provider.company_code)
            for name, provider in settings.providers.items()
        ),
        problems=(
            *(
                f"{problem}; put it right and drop it again, or take it out of failed"
                if file.is_refused
                else problem
                for file in files
                for problem in file.standing_problems
                if not file.is_refused or lies_in_failed(folders, file.source)
            ),
            *(conflict.text for conflict in statements.conflicts()),
        ),
        pages=(sum(file.pages for file in files), sum(file.pages_expected for file in files)),
        read_at=next((file.read_at for file in files if not file.is_refused), None),
    )
