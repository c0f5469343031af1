"""A client of the OData face, as short as tests want it, and bodies they send again and again."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connector.simulator.http.front import HttpFront
from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse

Json = dict[str, Any]
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_LOGON = "Basic " + base64.b64encode(b"TESTER:secret").decode()


class RefusedError(Exception):
    """The face answered with an error; `code` is class and number of its first message."""

    def __init__(self, status: int, body: Json) -> None:
        self.status = status
        error = body["error"]
        self.code: str = error["code"]
        self.text: str = error["message"]["value"]
        super().__init__(f"{status} {self.code} {self.text}")


@dataclass(slots=True)
class Service:
    """One service of the face."""

    front: HttpFront
    name: str

    def get(self, path: str, **options: str) -> Any:
        """Return an entity, or the list of a feed; options are without their $."""
        query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        return content(self._send("GET", path, query=query))

    def all(self, path: str, **options: str) -> list[Json]:
        """Return a feed."""
        found: list[Json] = self.get(path, **options)
        return found

    def post(self, path: str, body: Json) -> Json:
        """Create an entity."""
        created: Json = content(self._send("POST", path, body))
        return created

    def patch(self, path: str, body: Json) -> None:
        """Change an entity, whatever its version."""
        self._send("PATCH", path, body, match="*")

    def delete(self, path: str) -> None:
        """Delete an entity, whatever its version."""
        self._send("DELETE", path, match="*")

    def call(self, function: str, method: str = "POST", **parameters: str) -> Any:
        """Call a function import; parameters are literals."""
        query = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        return content(self._send(method, function, query=query))

    def messages(self, path: str, body: Json) -> list[str]:
        """Create an entity and return the texts of the sap-message header."""
        header = self._send("POST", path, body).headers.get("sap-message")
        if not header:
            return []
        first = json.loads(header)
        return [first["message"], *(each["message"] for each in first.get("details", ()))]

    def _send(
        self, method: str, path: str, body: Json | None = None, query: str = "", match: str = ""
    ) -> HttpResponse:
        headers = Headers([("Authorization", _LOGON), ("Accept", "application/json")])
        if body is not None:
            headers.add("Content-Type", "application/json")
        if match:
            headers.add("If-Match", match)
        request = HttpRequest(
            method,
            f"/sap/opu/odata/sap/{self.name}/{quote(path, safe=chr(39) + '(),=/$;')}",
            query,
            headers,
            json.dumps(body).encode() if body is not None else b"",
            "http://erp.test",
        )
        response = self.front.answer(request)
        if response.status >= 400:
            raise RefusedError(response.status, json.loads(response.body))
        return response


def content(response: HttpResponse) -> Any:
    """Return what is in the answer's d, dates turned into dates; None for no content."""
    if not response.body:
        return None
    inside = _plain(json.loads(response.body)["d"])
    return inside["results"] if isinstance(inside, dict) and "results" in inside else inside


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"results"}:
            return [_plain(each) for each in value["results"]]
        return {name: _plain(each) for name, each in value.items() if name != "__metadata"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and (found := _DATE.fullmatch(value)):
        return (datetime(1970, 1, 1) + timedelta(milliseconds=int(found[1]))).date()  # noqa: DTZ001
    return value


def day(on: date) -> str:
    """Return a date as a body writes it."""
    return f"/Date({(on - date(1970, 1, 1)).days * 86_400_000})/"


def order(*items: Json, **more: Any) -> Json:
    """Return the body of an order in the sample area; capitals are header properties."""
    return {
        "SalesOrderType": "OR",
        **AREA,
        "to_Item": list(items) or [item()],
        **more,
    }


AREA: Json = {
    "SalesOrganization": "1010",
    "DistributionChannel": "10",
    "OrganizationDivision": "00",
    "SoldToParty": "10100001",
}


def item(material: str = "TG11", quantity: str = "1", **more: Any) -> Json:
    """Return an item."""
    return {"Material": material, "RequestedQuantity": quantity, **more}


def amounts(rows: list[Json], name: str) -> list[Decimal]:
    """Return a property of *rows* as numbers."""
    return [Decimal(row[name]) for row in rows]
