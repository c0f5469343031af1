"""How the RFC transport works on one ERP: what differs between releases and installations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class RfcOptions(BaseModel):
    """Options of the transport; the defaults fit a delivered S/4HANA or ECC without changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: `ecc` keeps status in tables of their own (VBUK, VBUP), `s4` in the documents themselves;
    #: `auto` asks the ERP once.
    release: Literal["auto", "ecc", "s4"] = "auto"
    #: Sessions open at one time, and how long a caller waits for one, in seconds.
    sessions: Annotated[int, Field(ge=1)] = 4
    session_wait_s: Annotated[float, Field(gt=0)] = 30
    #: A session that rested for longer is asked for a sign of life before it is used, in seconds.
    rested_s: Annotated[float, Field(ge=0)] = 60
    #: Documents per call of the detailed list, values per selection of a table read.
    documents_per_call: Annotated[int, Field(ge=1)] = 100
    values_per_selection: Annotated[int, Field(ge=1)] = 250
    #: Character between the columns of a table read; empty: columns of fixed width.
    delimiter: Annotated[str, Field(max_length=1)] = ""
    #: Material numbers that are all digits are stored with leading zeros up to this length
    #: (18 or 40); 0 leaves them as they are (lexicographic storage).
    material_number_length: Annotated[int, Field(ge=0, le=40)] = 18
    #: The billing functions commit by themselves on some systems; the fence is then checked
    #: before the call.
    billing_commits_itself: bool = False
    #: Remote-enabled function that posts a payment and clears its items in one document; empty:
    #: payments are posted with open credit items, and the ERP's own run clears them.
    clearing_function: str = ""
    #: Remote-enabled function that takes back a delivery's goods issue (SAP's own
    #: WS_REVERSE_GOODS_ISSUE cannot be called from outside); empty: it is done in the ERP.
    goods_issue_reversal_function: str = ""
    #: FI document type of incoming payments.
    payment_document_type: Annotated[str, Field(min_length=1, max_length=2)] = "DZ"
    #: Account of the cash discount granted; needed only where payments are posted without the
    #: clearing function.
    cash_discount_account: str = ""
    #: Account of the charges that the bank keeps back; needed as the account above.
    bank_charges_account: str = ""
    #: Account of small payment differences; needed likewise.
    small_difference_account: str = ""
    #: Output tax account and account key by tax code, for the tax correction of cash discounts.
    tax_accounts: dict[str, str] = Field(default_factory=dict)
    #: Company codes whose accounting documents are looked through for clearings; empty: all.
    company_codes: tuple[str, ...] = ()
    #: Month that fiscal years start in, by company code, where it is not January: items tell the
    #: day of their clearing, and numbers of accounting begin again each fiscal year.
    fiscal_year_starts_in: dict[str, Annotated[int, Field(ge=1, le=12)]] = Field(
        default_factory=dict
    )
    #: Reconciliation accounts of customers per company code; empty: read from the customers.
    receivable_accounts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    #: Ledger whose balances are compared.
    ledger: str = "0L"
    #: Table with the line items of the ledger.
    ledger_table: str = "FAGLFLEXA"
    #: How far each pull of changes reaches back behind the last, in seconds: more than updates may
    #: take, clocks may differ, and the hour that comes twice when daylight saving ends.
    changes_overlap_s: Annotated[int, Field(ge=0)] = 7200
    #: Whether changes of documents leave change documents (CDHDR), whose time is known. Without
    #: them everything that changed on a day is read again all that day.
    change_documents: bool = True
    #: Whether S/4HANA's time stamps of sales documents (VBAK-UPD_TMSTMP) are asked for as well.
    sales_time_stamps: bool = True
    #: More messages or other verdicts than the shipped table has; same columns.
    messages: Path | None = None
    #: Time zone of the ERP's dates (IANA name).
    time_zone: str = "Europe/Berlin"
