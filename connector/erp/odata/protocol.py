"""How the OData transport works on one ERP: what differs between releases and installations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ProtocolOptions(BaseModel):
    """What the protocol leaves open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Path below which the services are.
    service_root: str = "/sap/opu/odata/sap"
    #: Method of a partial update; MERGE is OData v2's own, for gateways that do not know PATCH.
    update_method: Literal["PATCH", "MERGE"] = "PATCH"
    #: Whether writes carry `RequestID` and `RepeatabilityCreation`; `auto` sends them and learns
    #: per service from the answers whether they count.
    repeatability: Literal["auto", "on", "off"] = "auto"
    #: Whether bulk reads go through `$batch`; a service that refuses it is read one by one.
    use_batch: bool = True
    #: Reads in one `$batch`.
    batch_size: Annotated[int, Field(ge=1, le=1000)] = 100
    #: Pages of one collection before reading stops with an error: a loop of links has no end.
    max_pages: Annotated[int, Field(ge=1)] = 10_000
