"""Partners of sales and billing documents, and their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from connector.simulator.engine.specs import Partner
    from connector.simulator.odata.entities.forms import Forms


@dataclass(frozen=True, slots=True)
class PartnerRows:
    """
    Rows of the partners of *document*, with `of_items` those that single items have of their own.
    """

    document: str
    of_items: bool = False

    def __call__(self, forms: Forms, record: Any, item: int) -> Iterator[Row]:
        """Yield a row per partner."""
        for partner in record.partners:
            if _wanted(partner, item, self.of_items):
                yield partner_row(forms, self.document, record, partner)


@dataclass(frozen=True, slots=True)
class AddressRows:
    """Rows of the addresses of the partners: the document's own, else the customer's."""

    document: str
    of_items: bool = False

    def __call__(self, forms: Forms, record: Any, item: int) -> Iterator[Row]:
        """Yield a row per partner that has an address."""
        for partner in record.partners:
            if not _wanted(partner, item, self.of_items):
                continue
            source: Any = partner.address or forms.erp.customer(partner.customer)
            if source is not None:
                yield {
                    self.document: forms.number(record.number),
                    f"{self.document}Item": forms.item(partner.item_number),
                    "PartnerFunction": forms.partner_function(partner.function),
                    "AddressRepresentationCode": "",
                    "CorrespondenceLanguage": source.language,
                    "AddresseeFullName": " ".join(filter(None, (source.name, source.name_2)))[:80],
                    "OrganizationName1": source.name[:40],
                    "OrganizationName2": source.name_2[:40],
                    "CityName": source.city,
                    "PostalCode": source.postal_code,
                    "StreetName": source.street,
                    "Country": source.country,
                    "Region": source.region,
                    "EmailAddress": source.email,
                    "PhoneNumber": source.telephone,
                }


def partner_row(forms: Forms, name: str, record: Any, partner: Partner) -> Row:
    """Return the row of one partner."""
    customer = forms.erp.customer(partner.customer)
    return {
        name: forms.number(record.number),
        f"{name}Item": forms.item(partner.item_number),
        "PartnerFunction": forms.partner_function(partner.function),
        "PartnerFunctionInternalCode": partner.function,
        "Customer": forms.number(partner.customer),
        "Supplier": "",
        "Personnel": "0",
        "ContactPerson": "0",
        "ReferenceBusinessPartner": forms.number(partner.customer),
        "AddressID": address_number(forms, record, partner),
        "VATRegistration": customer.tax_number[:20] if customer else "",
    }


def address_number(forms: Forms, record: Any, partner: Partner) -> str:
    """Return the number of the partner's address; the document's own ones begin with 9."""
    if partner.address is None:
        return forms.number(partner.customer)
    position = record.partners.index(partner) + 1
    return f"9{int(record.number or 0) % 10**7:07}{position:02}"


def _wanted(partner: Partner, item: int, of_items: bool) -> bool:
    if not of_items:
        return partner.item_number == 0
    return partner.item_number != 0 and item in (0, partner.item_number)
