"""Settings of bank statements and payouts: where they arrive, and what they belong to."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connector.settings.fields import LocalPath, Name, Section
from connector.statements.encodings import AUTO

CompanyCode = Annotated[str, StringConstraints(min_length=1, max_length=4)]

ReportFormat = Literal[
    "auto", "camt.053", "mt940", "shopify-json", "shopify-transactions-csv",
    "shopify-payouts-csv", "stripe-json", "stripe-csv", "paypal-csv", "adyen-csv",
]  # fmt: skip


class StatementFolderSettings(Section):
    """A folder that bank statements or payout reports are dropped into."""

    path: LocalPath
    """Drop folder; read files move to `done` or `failed` in it."""
    patterns: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    """Which files are statements or reports."""
    format: ReportFormat = "auto"
    """What the files are; `auto` finds it out from their content."""
    encoding: str = AUTO
    """Encoding of text files; `auto` takes UTF-8 and, where that fails, what banks write."""
    settle_s: Annotated[float, Field(ge=0, le=3_600)] = 2
    """A file is read when its size and time have stood still for so long."""


class BankAccountSettings(Section):
    """A bank account of ours. Its number (IBAN, or as the statements have it) is its key."""

    company_code: CompanyCode
    """Company code that the account belongs to."""
    gl_account: Annotated[str, StringConstraints(max_length=10)] = ""
    """G/L account of the bank account, on which receipts from its lines are posted."""
    post: bool = False
    """
    Post receipts from its lines: of invoices of orders whose plan has `source: statements`, and of
    invoices that belong to no order of ours. What is not an exact match waits for a person.
    """
    unmatched: Literal["propose", "on account"] = "propose"
    """
    What becomes of money of a known payer for which nothing is open: a person releases it, or it
    is posted on the payer's account.
    """
    ignore: tuple[str, ...] = ()
    """
    Regular expressions: lines whose text has one of them are not from customers, for example
    interest, or transfers between accounts of ours.
    """

    @model_validator(mode="after")
    def _has_account_to_post_on(self) -> Self:
        if self.post and not self.gl_account:
            raise ValueError("post: receipts need a gl_account to be posted on")
        return self

    @model_validator(mode="after")
    def _has_expressions(self) -> Self:
        for expression in self.ignore:
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"ignore: {expression!r} is no expression: {error}") from None
        return self


class ProviderSettings(Section):
    """A payment provider. Its key is the name that its reports carry: `stripe`, `adyen` etc."""

    gateways: tuple[str, ...] = ()
    """Gateways of the channels whose payments it pays out. Empty: all."""
    company_code: Annotated[str, StringConstraints(max_length=4)] = ""
    """Company code that it pays. Empty: the only one of the reconciliation."""


class StatementSettings(Section):
    """Bank statements and payouts of payment providers."""

    folders: dict[Name, StatementFolderSettings] = Field(default_factory=dict)
    """Folders that the daemon reads, by a name of your own."""
    accounts: dict[str, BankAccountSettings] = Field(default_factory=dict)
    """
    Bank accounts by number. A reconciliation expects statements of each that reach its key date;
    lines of an account that is not here make it incomplete.
    """
    providers: dict[Name, ProviderSettings] = Field(default_factory=dict)
    """Payment providers by the name of their reports."""
