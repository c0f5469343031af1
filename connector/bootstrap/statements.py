"""Bank statements and payouts: from folders into the store, from there into a reconciliation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from connector.bootstrap.application import Application
from connector.channels.statement_folder import (
    ReceivedFile,
    StatementFolder,
    lies_in_failed,
    refused_reading,
)
from connector.errors import MessageError
from connector.ports.statements import (
    REFUSED,
    REFUSED_BY_HAND,
    AddedReading,
    StatementFile,
    Statements,
)
from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.settings.statements import StatementSettings
from connector.statements.encodings import AUTO, MAX_BYTES
from connector.statements.model import Reading
from connector.statements.reading import read_statements


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
    """
    Read one file into the store; a file that is refused comes back as the reason.

    The store keeps that it was refused, as it does for drop folders: what it held is missing. A
    file that cannot be opened is a slip of the keyboard, and is not kept.
    """
    statements, now = application.statements, application.clock.now()
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return MessageError(path.name, f"cannot be opened: {error.strerror}", "a readable file")
    try:
        reading = read_statements(content, path.name, report_format, encoding)
    except MessageError as error:
        statements.add(refused_reading(path.name, content, error, REFUSED_BY_HAND), now)
        return error
    return statements.add(reading, now)


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
            *(text for file in files for text in _problems_of(file, folders)),
            *(conflict.text for conflict in statements.conflicts()),
        ),
        pages=(
            sum(file.pages for file in files if not file.ended_by),
            sum(file.pages_expected for file in files if not file.ended_by),
        ),
        read_at=next((file.read_at for file in files if not file.is_refused), None),
    )


def _problems_of(file: StatementFile, folders: Sequence[Path]) -> Iterator[str]:
    """Yield the problems of *file* that still stand, with what to do about them."""
    if file.format == REFUSED and not lies_in_failed(folders, file.source):
        return
    what_to_do = ""
    if file.format == REFUSED:
        what_to_do = "; put it right and drop it again, or take it out of failed"
    elif file.format == REFUSED_BY_HAND:
        what_to_do = (
            f"; put it right and import it again, or `statements dismiss {file.id} --reason ...`"
        )
    elif file.is_short:
        what_to_do = (
            f" ({file.pages} of {file.pages_expected} pages); read the whole list, "
            f"or `statements dismiss {file.id} --reason ...`"
        )
    for problem in file.standing_problems:
        yield f"{problem}{what_to_do}"
