"""Which company code and reconciliation account an order belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from connector.reconciliation.bearings import Bearings
from connector.reconciliation.differences import Scope, scope_for
from connector.reconciliation.matching import BillingLine, Documents, OrderChain
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.sales_document import PostedSalesDocument


class Accounts:
    """
    Decides the scope of orders.

    An order's account is that of its FI lines; before FI has any, the only account that the
    company code uses. It stays empty where several come into question.
    """

    def __init__(
        self,
        documents: Documents,
        company_codes: Sequence[str],
        bearings: Bearings,
        *,
        restricted: bool = False,
    ) -> None:
        """A *restricted* run leaves out what belongs to no company code yet, too."""
        self._documents, self._restricted = documents, restricted
        self._company_codes = tuple(company_codes)
        self._scopes: dict[int, tuple[OrderChain, Scope]] = {}
        self._accounts = bearings.accounts
        self._by_organization = bearings.company_codes

    def covers(self, company_code: str) -> bool:
        """Tell whether the run is about *company_code*; an unknown one is never left out."""
        return not company_code or company_code in self._company_codes

    def lists(self, company_code: str) -> bool:
        """Tell whether the run lists matches of *company_code*; they bear none themselves."""
        return company_code in self._company_codes or not (company_code or self._restricted)

    def scope_of(self, chain: OrderChain) -> Scope:
        """Return the scope of an order, in the currency in which it was sold."""
        known = self._scopes.get(id(chain))
        if known is None:
            # Kept with its chain, so that no other one can come to stand under its id.
            known = self._scopes[id(chain)] = chain, self._scope_of(chain)
        return known[1]

    def _scope_of(self, chain: OrderChain) -> Scope:
        currency = chain.mirrored.order.currency
        company_code = self._company_code(chain)
        posted = {
            line.reconciliation_account
            for billed in chain.invoiced
            for line in self._documents.fi_lines(billed.document)
        }
        account = (
            next(iter(posted)) if len(posted) == 1 else self.default_account(company_code, currency)
        )
        return scope_for(company_code, currency, account)

    def scope_of_order(
        self, order: PostedSalesDocument, lines: Sequence[BillingLine] = ()
    ) -> Scope:
        """Return the scope of a sales order without external order; *lines* is what was billed."""
        company_code = next((line.document.company_code for line in lines), "")
        company_code = company_code or self._by_organization.get(
            order.sales_area.sales_organization, self.only_company_code()
        )
        return Scope(
            company_code=company_code,
            currency=order.currency,
            reconciliation_account=self.default_account(company_code, order.currency),
        )

    def scope_of_document(self, document: BillingDocument, account: str = "") -> Scope:
        """Return the scope of a billing document; *account* is that of its FI line, if any."""
        return Scope(
            company_code=document.company_code,
            currency=document.currency,
            reconciliation_account=account
            or self.default_account(document.company_code, document.currency),
        )

    def default_account(self, company_code: str, currency: str) -> str:
        """
        Return the only account in use for a company code and currency, else nothing.

        A currency without any posting goes to the only account of the company code.
        """
        accounts = self._accounts.get((company_code, currency))
        if accounts is None:
            accounts = frozenset(
                account
                for (code, _), found in self._accounts.items()
                if code == company_code
                for account in found
            )
        return next(iter(accounts)) if len(accounts) == 1 else ""

    def only_company_code(self) -> str:
        """Return the run's company code when there is just one."""
        return self._company_codes[0] if len(self._company_codes) == 1 else ""

    def _company_code(self, chain: OrderChain) -> str:
        for line in chain.billing_lines:
            return line.document.company_code
        organization = (
            chain.sales_order.sales_area.sales_organization
            if chain.sales_order
            else chain.mirrored.sales_organization
        )
        if organization in self._by_organization:
            return self._by_organization[organization]
        for payment in chain.mirrored.payments:
            if payment.company_code:
                return payment.company_code
        return self.only_company_code()
