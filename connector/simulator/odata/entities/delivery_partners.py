"""
Partners of deliveries and their addresses.

An address is a customer's, then its number is that of the customer; or the delivery's own, then it
is 9, the delivery's last eight digits and the partner's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import selection
from connector.simulator.odata.entities.forms import document_number, text
from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery
    from connector.simulator.engine.master_records import Customer
    from connector.simulator.engine.specs import Address, Partner
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Key, Narrowing

OWN = "9"
_WIDTH = 10
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class NumberedAddress:
    """An address with its number."""

    number: str
    address: Address | Customer


def partner_rows(forms: Forms, record: Delivery, item: int) -> Iterator[Row]:
    """Yield the partners of a delivery."""
    del item
    for partner in record.partners:
        yield {
            "SDDocument": forms.number(record.number),
            "SDDocumentItem": forms.delivery_item(partner.item_number),
            "PartnerFunction": forms.partner_function(partner.function),
            "Customer": forms.number(partner.customer),
            "AddressID": _number(forms, record, partner),
        }


def address_rows(forms: Forms, record: NumberedAddress, item: int) -> Iterator[Row]:
    """Yield the one row of an address."""
    del item, forms
    source = record.address
    yield {
        "AddressID": record.number,
        "BusinessPartnerName1": source.name[:40],
        "BusinessPartnerName2": source.name_2[:40],
        "FullName": " ".join(filter(None, (source.name, source.name_2)))[:80],
        "StreetName": source.street,
        "PostalCode": source.postal_code,
        "CityName": source.city,
        "Region": source.region,
        "Country": source.country,
        "CorrespondenceLanguage": source.language,
        "PhoneNumber": source.telephone,
    }


class AddressSource:
    """Addresses by their number."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[NumberedAddress]:
        """Return the address with the number in *key*."""
        number = text(key.get("AddressID"))
        found = _own(number, forms) or forms.erp.customer(document_number(number))
        return () if found is None else (NumberedAddress(number, found),)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterator[NumberedAddress]:
        """Yield the addresses asked for; without a number those of the customers."""
        wanted = selection.texts(narrowing, "AddressID")
        if wanted is None:
            for customer in forms.master.customers.values():
                yield NumberedAddress(forms.number(customer.customer), customer)
            return
        for number in wanted:
            yield from self.keyed({"AddressID": number}, forms)


def _number(forms: Forms, record: Delivery, partner: Partner) -> str:
    if partner.address is None:
        return forms.number(partner.customer)
    place = record.partners.index(partner) + 1
    return f"{OWN}{int(record.number) % 10**_DIGITS:0{_DIGITS}}{place}"


def _own(number: str, forms: Forms) -> Address | None:
    if len(number) != _WIDTH or not number.isdigit() or not number.startswith(OWN):
        return None
    delivery = forms.erp.delivery(number[1:-1])
    place = int(number[-1]) - 1
    if delivery is None or not 0 <= place < len(delivery.partners):
        return None
    return delivery.partners[place].address
