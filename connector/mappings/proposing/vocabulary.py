"""What fields of orders are called, in English and in the languages that shops write besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from connector.mappings.proposing import shapes
from connector.mappings.proposing.shapes import Shape


@dataclass(frozen=True, slots=True)
class Target:
    """A field of the external order: what it is called elsewhere, and what its values look like."""

    field: str
    phrases: tuple[str, ...]
    shape: Shape
    #: A field that is more than its neighbours of a weak name; the first of equals wins.
    required: bool = False
    #: What the order cannot say without: it is asked where nothing is found.
    asked: str = ""
    #: Values are of persons: they are not shown in comments.
    is_personal: bool = False


def _target(field: str, phrases: str, shape: Shape, **more: bool | str) -> Target:
    return Target(field, tuple(each.strip() for each in phrases.split(",")), shape, **more)  # type: ignore[arg-type]


#: Fields of the order itself, in the order in which they may choose.
ORDER: Final = (
    _target("external_id", "id, order id, order uuid, uuid, guid, oid, order key, entity id, "
            "order number, order no, number, order reference, order ref, bestellnummer, "
            "auftragsnummer, bestell nr, auftrags nr, order nr, numero commande, numero pedido, "
            "reference, ref, code, nr, no, "
            "num, so num, order num, numero",
            shapes.anything,
            required=True, asked="which field identifies an order, and never changes?"),
    _target("order_name", "order number, order no, number, increment id, display id, name, "
            "order name, bestellnummer, auftragsnummer, numero, reference, order code, human no",
            shapes.anything),
    _target("ordered_at", "ordered at, order date, placed at, created at, date created, placed on, "
            "purchase date, created, creation date, placed, order time, submitted at, timestamp, "
            "bestelldatum, bestellt am, datum, date commande, fecha pedido, fecha, date, "
            "dt, order dt, passee le, commande le",
            shapes.moment, required=True, asked="when was the order placed?"),
    _target("updated_at", "updated at, modified at, last modified, date modified, changed at, "
            "updated, last update, geaendert am", shapes.moment),
    _target("cancelled_at", "cancelled at, canceled at, cancellation date, storniert am",
            shapes.moment),
    _target("is_test", "is test, test, test order, sandbox", shapes.boolean),
    _target("currency", "currency, currency code, iso currency, currency iso, waehrung, devise, "
            "moneda, ccy, cur, curr, whg, valuta, moeda", shapes.currency, required=True,
            asked="in which currency are the amounts?"),
    _target("taxes_included", "taxes included, tax included, prices include tax, vat included, "
            "prices include vat, tax inclusive, gross prices, includes tax, inkl mwst",
            shapes.boolean),
    _target("customer_reference", "po number, purchase order number, customer reference, "
            "your reference, customer order number, client reference, buyer reference, "
            "kundenreferenz, po", shapes.anything),
    _target("requested_delivery_date", "requested delivery date, delivery date, deliver by, "
            "deliver on, wanted on, wunschtermin, lieferdatum, ship by, date livraison",
            shapes.calendar_day),
    _target("note", "note, customer note, comment, comments, remarks, remark, message, "
            "instructions, bemerkung, kommentar, hinweis", shapes.words, is_personal=True),
    _target("customer.customer_id", "customer id, customer number, customer no, client id, "
            "client no, buyer no, buyer id, customer ref, buyer ref, client ref, account id, "
            "user id, kundennummer, customer code, member id, kunde nr, kunden nr, buyer uid, "
            "user uid, customer uid, client uid", shapes.anything),
    _target("customer.email", "customer email, email, e mail, mail, buyer email, client email, "
            "contact email", shapes.email, is_personal=True),
    _target("customer.name", "customer name, client name, buyer name, customer full name, "
            "kundenname, kunde firma, client, buyer, customer", shapes.words, is_personal=True),
    _target("customer.tax_number", "vat number, vat id, tax id, tax number, ust id, vat no, siret",
            shapes.anything, is_personal=True),
)  # fmt: skip

#: Fields of an address.
ADDRESS: Final = (
    _target("postal_code", "postal code, zip, zip code, postcode, post code, plz, code postal, "
            "postleitzahl, cp, pc, "
            "zp", shapes.anything, required=True, is_personal=True),
    _target("city", "city, town, locality, ort, stadt, ville, ciudad, place, "
            "cty", shapes.words,
            required=True, is_personal=True),
    _target("country", "country code, country iso, country, iso country, land, pays, pais, "
            "nation, cc, "
            "ctry",
            shapes.country, required=True, is_personal=True),
    _target("street", "street, address 1, address line 1, line 1, street 1, address1, street name, "
            "strasse, rue, calle, address, street address, l1, "
            "ad1, adr 1, addr 1", shapes.words, required=True,
            is_personal=True),
    _target("street_2", "address 2, address line 2, line 2, street 2, address2, l2, addition, "
            "suite, "
            "apartment, adresszusatz, zusatz, complement", shapes.anything, is_personal=True),
    _target("company", "company, company name, organisation, organization, firm, firma, societe, "
            "business name", shapes.words, is_personal=True),
    _target("name", "name, full name, recipient, recipient name, contact, contact name, attention, "
            "addressee, empfaenger, nom complet, to, name 1, nm, destinataire",
            shapes.words, is_personal=True),
    _target("region", "state, state code, region, province, province code, county, bundesland",
            shapes.anything, is_personal=True),
    _target("telephone", "phone, telephone, phone number, tel, mobile, telefon", shapes.anything,
            is_personal=True),
    _target("email", "email, e mail, mail", shapes.email, is_personal=True),
)  # fmt: skip
CUSTOMER: Final = ("customer", "buyer", "client", "user", "account", "shopper", "kunde",
                   "purchaser", "ordered by")  # fmt: skip
FIRST_NAME: Final = ("first name", "given name", "vorname", "prenom", "forename", "firstname")
LAST_NAME: Final = ("last name", "family name", "surname", "nachname", "lastname")
HOUSE_NUMBER: Final = ("house number", "street number", "hausnummer", "house no", "building number")
BILLING: Final = ("billing", "billing address", "bill to", "invoice address", "invoice to", "payer",
                  "rechnungsadresse", "rechnungsanschrift", "rechnung", "facturation",
                  "invoicing")  # fmt: skip
SHIPPING: Final = ("shipping", "shipping address", "ship to", "delivery address", "delivery",
                   "deliver to", "recipient", "consignee", "destination", "dest",
                   "lieferanschrift", "lieferadresse",
                   "lieferung", "livraison", "address", "customer")  # fmt: skip

LINES: Final = ("lines", "items", "line items", "order lines", "order items", "positions",
                "entries", "products", "articles", "positionen", "artikel", "cart", "basket",
                "lignes", "rows", "details", "contents", "goods", "things",
                "warenkorb")  # fmt: skip
#: Fields of a line; amounts are chosen by what adds up.
LINE: Final = (
    _target("sku", "sku, variant sku, article number, article no, item number, item no, "
            "product code, item code, product number, part number, artikelnummer, artikelnr, "
            "article, material, product identifier, "
            "seller sku, asin, ean, gtin, barcode, ref, reference, code, product id, item id, "
            "article id, artikel, art nr, item nr, "
            "itm, item, sku id, produit", shapes.anything, required=True,
            asked="which field names the article of a line?"),
    _target("quantity", "quantity, qty, ordered quantity, quantity ordered, count, menge, anzahl, "
            "units, pieces, pcs, how many, cantidad, quantite, stueck, number of items, anz, qte, "
            "stk, "
            "q",
            shapes.number, required=True, asked="which field is the ordered quantity?"),
    _target("line_id", "line id, id, item id, line item id, line number, line no, position, pos, "
            "row id, sequence number, item sequence number, uuid, key, index, lfd, lfd nr, pos nr, "
            "nr, no, "
            "ln",
            shapes.anything, required=True,
            asked="which field identifies a line within its order?"),
    _target("title", "title, name, product name, item name, description, label, bezeichnung, "
            "designation, text, artikelbezeichnung, nombre, bez, "
            "dsc, desc, descr, libelle", shapes.words),
    _target("unit", "unit, unit of measure, uom, einheit, unite, sales unit, me, mengeneinheit",
            shapes.words),
    _target("requested_delivery_date", "requested delivery date, delivery date, lieferdatum, "
            "deliver by", shapes.calendar_day),
)  # fmt: skip
PRICE: Final = ("unit price", "price each", "price per unit", "each", "einzelpreis", "stueckpreis",
                "prix unitaire", "precio unitario", "unit amount", "price", "preis", "prix",
                "precio", "unit cost", "rate", "unit price gross", "unit price net", "unit",
                "e preis", "vk", "vk preis",
                  "stk preis",
    "up")  # fmt: skip
LINE_TOTAL: Final = ("line total", "row total", "total", "subtotal", "sum", "gesamtpreis",
                     "extended price", "amount", "line amount", "total price", "gesamt",
                     "montant", "importe", "price",
    "ext")  # fmt: skip
LINE_DISCOUNT: Final = ("discount", "discount amount", "total discount", "rebate", "rabatt",
                        "reduction", "remise", "discount total")  # fmt: skip
TAX: Final = ("tax", "tax amount", "total tax", "tax total", "vat", "vat amount", "mwst", "steuer",
              "tva", "iva", "taxes", "umsatzsteuer", "tax sum",
    "tx")  # fmt: skip
TAX_RATE: Final = ("tax rate", "vat rate", "tax percent", "vat percent", "vat percentage",
                   "steuersatz", "mwst satz", "mwst prozent", "vat bp", "ust",
                   "tax percentage", "taux tva", "vat")  # fmt: skip

GRAND_TOTAL: Final = ("grand total", "total", "order total", "total price", "total amount",
                      "amount due", "to pay", "payable", "amount", "gesamtsumme", "gesamtbetrag",
                      "endbetrag", "montant total", "total gross", "total incl tax", "sum",
                      "total to pay", "value", "importe total", "summe", "gesamt",
                      "rechnungsbetrag", "total ttc",
    "tot")  # fmt: skip
SUBTOTAL: Final = ("subtotal", "sub total", "items total", "goods total", "lines total",
                   "zwischensumme", "merchandise total", "products total", "goods",
                   "goods value", "warenwert", "sous total", "net total")  # fmt: skip
SHIPPING_COST: Final = ("shipping", "shipping cost", "shipping total", "shipping price",
                        "shipping fee", "delivery fee", "delivery cost", "freight", "postage",
                        "versandkosten", "versand", "porto", "fracht", "frachtkosten",
                        "liefergebuehr", "delivery", "frais de port",
                        "carriage", "transport", "gastos envio",
    "frt", "frais livraison", "frais expedition")  # fmt: skip
DISCOUNT: Final = ("discount", "discount total", "total discount", "discounts", "voucher",
                   "coupon", "coupon amount", "rabatt", "gutschein", "remise", "promotion",
                   "rebate", "reduction", "descuento")  # fmt: skip
CHARGE: Final = ("fee", "handling", "handling fee", "surcharge", "tip", "gift wrap",
                 "gift wrapping", "duty", "insurance", "packaging", "verpackung", "gebuehr",
                 "service fee", "payment fee", "donation", "deposit", "pfand",
                 "eco tax")  # fmt: skip
MINOR: Final = frozenset({"cent", "cents", "minor", "pence", "centimes", "subunits"})

PAYMENTS: Final = ("payments", "payment", "settlements", "settlement", "captures",
                   "transactions", "transaction", "zahlungen", "zahlung",
                   "paiements", "pagos",
    "reglements")  # fmt: skip
REFUNDS: Final = ("refunds", "refund", "returns", "return", "credits", "gutschriften")
PAYMENT: Final = (
    _target("payment_id", "transaction id, payment id, id, charge id, reference, transaction, "
            "ref, txn, txn id, "
            "zahl id",
            shapes.anything, required=True),
    _target("gateway", "gateway, method, payment method, provider, psp, type, processor, via, "
            "zahlungsart, zahlart, moyen, mode", shapes.words, required=True),
    _target("paid_at", "paid at, captured at, captured, payment date, date paid, processed at, "
            "created at, "
            "paid on, date, bezahlt am, time", shapes.moment, required=True),
)  # fmt: skip
PAYMENT_AMOUNT: Final = ("amount", "paid amount", "value", "total", "betrag", "sum", "paid",
                         "captured amount", "captured", "montant")  # fmt: skip
STATUS: Final = ("status", "state", "result", "zustand", "statut", "estado")
#: States of a payment that mean that the money came in.
SUCCESS: Final = frozenset(
    {"paid", "captured", "success", "succeeded", "settled", "completed", "complete", "ok",
     "bezahlt", "cleared", "received", "accepte"}
)  # fmt: skip
