"""Reading a service: pages, forms, failures and links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from connector.erp.odata.errors import AnswerUnclearError
from connector.erp.odata.service import Query
from connector.erp.odata.values import key
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    RejectedError,
    TransientError,
)
from tests.erp.http.wire_server import Received, Reply, WireServer, reply
from tests.erp.odata.core.conftest import Worlds
from tests.erp.odata.core.gateway import ROOT, problem

ORDERS = Query("A_SalesOrder")
ONE = Query(key("A_SalesOrder", "1"))


def page(*numbers: int, **more: str) -> Reply:
    rows = [{"SalesOrder": str(number)} for number in numbers]
    return reply(200, {"d": {"results": rows} | more})


def script(*answers: Reply) -> Callable[[Received], Reply]:
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def test_one_entity_is_read(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(200, {"d": {"SalesOrder": "1"}}, ETag='W/"7"')))
    row = world.service().entity(ONE)
    assert row is not None
    assert (row.text("SalesOrder"), row.etag) == ("1", 'W/"7"')
    request = gateway.requests[0]
    assert (request.method, request.target) == ("GET", ROOT + "A_SalesOrder('1')")
    assert request.headers["accept"] == "application/json"
    assert gateway.fetches == [], "a read needs no token"


def test_an_entity_that_does_not_exist_is_none(world_of: Worlds) -> None:
    world, _ = world_of(script(reply(404, problem("/IWBEP/CM_MGW_RT/020", "not found"))))
    assert world.service().entity(ONE) is None


def test_a_service_that_does_not_exist_is_a_matter_of_the_settings(world_of: Worlds) -> None:
    for answer in (
        reply(404, b"<html>nothing here</html>"),
        reply(403, problem("/IWFND/MED/170", "No service found")),
    ):
        world, _ = world_of(script(answer))
        with pytest.raises(ConfigurationError):
            world.service().entity(ONE)


def test_query_options_are_encoded(world_of: Worlds) -> None:
    world, gateway = world_of(script(page()))
    name = "O'Brien & Söhne #1+2"
    condition = "Name eq '" + name.replace("'", "''") + "'"
    list(world.service().rows(Query("A_SalesOrder", {"$filter": condition, "$top": "5"})))
    target = gateway.requests[0].target
    assert "+" not in target, "a plus sign may stand for a blank"
    path, _, query = target.partition("?")
    assert [unquote(each) for each in query.split("&")] == [f"$filter={condition}", "$top=5"]
    assert path == ROOT + "A_SalesOrder"


@pytest.mark.parametrize(
    "link",
    [
        "{url}" + ROOT + "A_SalesOrder?$skiptoken=2",
        ROOT + "A_SalesOrder?$skiptoken=2",
        "A_SalesOrder?$skiptoken=2",
    ],
)
def test_pages_are_followed_to_the_last(world_of: Worlds, link: str) -> None:
    answers: list[Reply] = []
    world, gateway = world_of(lambda request: answers.pop(0))
    answers += [page(1, 2, __next=link.format(url=world.server.url)), page(3)]
    rows = world.service().rows(ORDERS)
    assert [row.text("SalesOrder") for row in rows] == ["1", "2", "3"]
    assert gateway.requests[1].target == ROOT + "A_SalesOrder?$skiptoken=2"


def test_a_link_to_another_host_is_not_followed(world_of: Worlds) -> None:
    with WireServer([page(9)]) as other:
        world, _ = world_of(script(page(1, __next=f"{other.url}{ROOT}A_SalesOrder?x=2")))
        with pytest.raises(ConfigurationError, match="not followed"):
            list(world.service().rows(ORDERS))
        assert other.received == []


def test_links_in_a_circle_come_to_an_end(world_of: Worlds) -> None:
    world, gateway = world_of(script(page(1, __next="A_SalesOrder?$skiptoken=1")), {"max_pages": 5})
    with pytest.raises(AnswerUnclearError, match="no end"):
        list(world.service().rows(ORDERS))
    assert len(gateway.requests) == 5


@pytest.mark.parametrize(
    "body",
    [
        {"d": {"results": [{"SalesOrder": "1"}]}},
        {"d": [{"SalesOrder": "1"}]},
        {"d": {"SalesOrder": "1"}},
    ],
)
def test_collections_are_read_in_every_form(world_of: Worlds, body: dict[str, Any]) -> None:
    world, _ = world_of(script(reply(200, body)))
    assert [row.text("SalesOrder") for row in world.service().rows(ORDERS)] == ["1"]


def test_a_count_is_a_plain_number(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(200, b"17", Content_Type="text/plain")))
    assert world.service().count(Query("A_SalesOrder", {"$filter": "A eq 'b'"})) == 17
    assert gateway.requests[0].target == ROOT + "A_SalesOrder/$count?$filter=A%20eq%20'b'"


def test_numbers_with_a_fraction_are_never_floats(world_of: Worlds) -> None:
    world, _ = world_of(script(reply(200, b'{"d":{"NetAmount": 0.1, "Tax": "0.30"}}')))
    row = world.service().entity(ONE)
    assert row is not None
    assert str(row.decimal("NetAmount")) == "0.1"
    assert str(row.decimal("Tax")) == "0.30"


@pytest.mark.parametrize(
    "broken",
    [
        reply(200, b'{"d": {"SalesOrder": "1"', Content_Type="application/json"),
        reply(200, b"", Content_Type="application/json"),
        reply(200, b"<feed/>", Content_Type="application/atom+xml"),
        reply(200, b'{"d": {"SalesOrder": "\xff"}}', Content_Type="application/json"),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "close"),
        Reply(then="reset"),
        reply(500),
        reply(504),
        reply(429, b"", Retry_After="2"),
        reply(503, b"", Retry_After="Sun, 22 Nov 2026 08:00:03 GMT"),
    ],
    ids=["truncated", "empty", "xml", "encoding", "cut", "reset", "500", "504", "429", "503"],
)
def test_what_may_pass_is_tried_again(world_of: Worlds, broken: Reply) -> None:
    world, gateway = world_of(script(broken, broken, reply(200, {"d": {"SalesOrder": "1"}})))
    row = world.service().entity(ONE)
    assert row is not None and row.text("SalesOrder") == "1"
    assert len(gateway.requests) == 3


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(401), LogonRefusedError),
        (reply(200, b"<input type=password>", Content_Type="text/html"), LogonRefusedError),
        (reply(503), ErpUnavailableError),
        (reply(429, b"", Retry_After="600"), TransientError),
        (reply(400, problem("ZZ/001", "no")), RejectedError),
        (reply(200, {"value": []}), AnswerUnclearError),
        (reply(200, b"[]"), AnswerUnclearError),
        (reply(200, {"d": "x"}), AnswerUnclearError),
        (reply(302, Location="/sap/saml"), ConfigurationError),
    ],
)
def test_what_will_not_pass_is_told_at_once(
    world_of: Worlds, answer: Reply, kind: type[ConnectorError]
) -> None:
    world, gateway = world_of(script(answer))
    with pytest.raises(kind):
        world.service().entity(ONE)
    assert len(gateway.requests) == 1


def test_a_read_function_is_a_get_with_literals(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(200, {"d": {"GetPDF": {"Pdf": "JVBERg=="}}})))
    row = world.service().read_function("GetPDF", {"BillingDocument": "9/0"})
    assert row.binary("Pdf") == b"%PDF"
    assert gateway.requests[0].target == ROOT + "GetPDF?BillingDocument='9/0'"


def test_the_description_of_a_service_comes_as_it_is(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(200, b"<edmx/>", Content_Type="application/xml")))
    assert world.service().metadata() == b"<edmx/>"
    assert gateway.requests[0].headers["accept"] == "application/xml"


def test_what_saves_nothing_is_posted_with_a_token_and_tried_again(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(500), reply(201, {"d": {"Total": "1.00"}})))
    assert world.service().ask("A_SalesOrderSimulation", {}).text("Total") == "1.00"
    assert [each.method for each in gateway.requests] == ["POST", "POST"]


def test_an_error_beside_a_priced_document_is_a_refusal(world_of: Worlds) -> None:
    header = '{"code":"VE/108","message":"Price missing","severity":"error"}'
    world, _ = world_of(script(reply(201, {"d": {}}, sap_message=header)))
    with pytest.raises(RejectedError, match="Price missing") as caught:
        world.service().ask("A_SalesOrderSimulation", {})
    assert caught.value.code == "PRICE_MISSING"
