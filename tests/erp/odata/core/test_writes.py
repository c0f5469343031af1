"""Writing: token, fence, one request, and an end that is either certain or a doubt."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connector.erp.odata.errors import ChangedMeanwhileError, VersionNeededError
from connector.erp.odata.repeatability import Support
from connector.erp.odata.values import key
from connector.erp.odata.write import Change
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LeaseLostError,
    LockedError,
    LogonRefusedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from tests.erp.http.wire_server import Received, Reply, reply
from tests.erp.odata.core.conftest import Worlds
from tests.erp.odata.core.gateway import ROOT, problem, write
from tests.erp.odata.core.test_reads import script

CREATED = reply(201, {"d": {"SalesOrder": "4711"}})
SET = "A_SalesOrder"
POINTS = ["connection open", "fence", "after fence check", "commit sent", "commit answered"]


def test_a_document_is_created_with_a_token_and_its_cookies(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    intent, watcher = write()
    row = world.service().create(SET, {"SoldToParty": "Größe"}, intent)
    assert row.text("SalesOrder") == "4711"
    assert watcher.seen == POINTS
    assert [each.method for each in gateway.fetches] == ["HEAD"]
    request = gateway.requests[0]
    assert (request.method, request.target) == ("POST", ROOT + SET)
    assert json.loads(request.body) == {"SoldToParty": "Größe"}
    assert request.headers["content-type"] == "application/json"


def test_the_next_write_uses_the_same_token(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    service = world.service()
    for _ in range(3):
        service.create(SET, {}, write()[0])
    assert len(gateway.fetches) == 1


def test_a_token_is_fetched_again_after_a_rest(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    service = world.service()
    service.create(SET, {}, write()[0])
    world.clock.advance(timedelta(minutes=1))
    service.create(SET, {}, write()[0])
    assert len(gateway.fetches) == 2


def test_a_gateway_without_head_is_asked_with_get(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED), knows_head=False)
    world.service().create(SET, {}, write()[0])
    assert [each.method for each in gateway.fetches] == ["HEAD", "GET"]


def test_a_service_that_wants_no_token_gets_none(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED), wants_token=False)
    world.service().create(SET, {}, write()[0])
    assert "x-csrf-token" not in gateway.requests[0].headers


def test_a_token_that_has_ended_is_renewed_once_and_nothing_was_posted(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    service = world.service()
    service.create(SET, {}, write()[0])
    gateway.token, gateway.cookie = "token-2", "SAP_SESSIONID=2"
    intent, watcher = write()
    assert service.create(SET, {}, intent).text("SalesOrder") == "4711"
    assert watcher.seen.count("fence") == 1
    assert len(gateway.requests) == 3


def test_a_fresh_token_that_is_turned_away_ends_with_nothing_posted(world_of: Worlds) -> None:
    turned_away = reply(403, b"no", X_CSRF_Token="Required")
    world, gateway = world_of(script(turned_away))
    with pytest.raises(TransientError, match="cookies"):
        world.service().create(SET, {}, write()[0])
    assert len(gateway.requests) == 2


def test_a_lost_lease_keeps_the_write_from_leaving(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    intent, watcher = write(loses=True)
    with pytest.raises(LeaseLostError):
        world.service().create(SET, {}, intent)
    assert gateway.requests == []
    assert watcher.seen == ["connection open", "fence"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(then="reset"), OutcomeUnknownError),
        (Reply(then="close"), OutcomeUnknownError),
        (reply(201, b'{"d": {"SalesOr'), OutcomeUnknownError),
        (reply(201, b""), OutcomeUnknownError),
        (reply(201, {"value": 1}), OutcomeUnknownError),
        (reply(201, {"d": []}), OutcomeUnknownError),
        (reply(200, b"<html>Maintenance</html>", Content_Type="text/html"), OutcomeUnknownError),
        (reply(500), OutcomeUnknownError),
        (reply(500, problem("SY/530", "dump")), OutcomeUnknownError),
        (reply(502), OutcomeUnknownError),
        (reply(504), OutcomeUnknownError),
        (reply(400, problem("/IWBEP/CM_COS/005", "RequestID is outdated")), OutcomeUnknownError),
        (reply(400, problem("VP/199", "no such customer")), RejectedError),
        (reply(400, problem("V1/042", "in use")), LockedError),
        (reply(401), LogonRefusedError),
        (reply(200, b"<input type='password'>", Content_Type="text/html"), LogonRefusedError),
        (reply(403), NotAuthorizedError),
        (reply(412), ChangedMeanwhileError),
        (reply(428), VersionNeededError),
        (reply(429, b"", Retry_After="5"), TransientError),
        (reply(503, b"", Retry_After="5"), ErpUnavailableError),
        (reply(302, Location="/elsewhere"), ConfigurationError),
    ],
)
def test_a_write_leaves_once_and_ends_as_it_must(
    world_of: Worlds, answer: Reply, kind: type[ConnectorError]
) -> None:
    world, gateway = world_of(script(answer))
    with pytest.raises(kind) as caught:
        world.service().create(SET, {"A": "b"}, write("order 1")[0])
    assert type(caught.value) is kind
    assert len(gateway.requests) == 1


def test_an_erp_that_is_not_there_stops_a_write_before_its_fence(world_of: Worlds) -> None:
    world, _ = world_of(script(CREATED))
    service = world.service()
    world.server.__exit__(None, None, None)
    intent, watcher = write()
    with pytest.raises(ErpUnavailableError):
        service.create(SET, {}, intent)
    assert watcher.seen == []
    world.server.__enter__()


def test_how_long_to_wait_goes_along(world_of: Worlds) -> None:
    world, _ = world_of(script(reply(429, b"", Retry_After="17")))
    with pytest.raises(TransientError) as caught:
        world.service().create(SET, {}, write()[0])
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize("method", ["PATCH", "MERGE"])
def test_a_change_names_the_version_that_it_changes(world_of: Worlds, method: str) -> None:
    world, gateway = world_of(script(reply(204)), {"update_method": method})
    world.service().change(key(SET, "1"), {"A": "b"}, write()[0], 'W/"7"')
    request = gateway.requests[0]
    assert (request.method, request.headers["if-match"]) == (method, 'W/"7"')


def test_an_entity_is_deleted(world_of: Worlds) -> None:
    world, gateway = world_of(script(reply(204)))
    world.service().delete(key(SET, "1"), write()[0], 'W/"7"')
    assert gateway.requests[0].method == "DELETE"


@pytest.mark.parametrize(
    "body",
    [
        {"d": {"PostGoodsIssue": {"results": [{"SystemMessageType": "S"}]}}},
        {"d": {"results": [{"SystemMessageType": "S"}]}},
        {"d": [{"SystemMessageType": "S"}]},
        {"d": {"PostGoodsIssue": [{"SystemMessageType": "S"}]}},
    ],
)
def test_a_function_is_invoked_with_literals_and_its_collection_is_found(
    world_of: Worlds, body: dict[str, object]
) -> None:
    world, gateway = world_of(script(reply(200, body)))
    row = world.service().invoke(
        "PostGoodsIssue", {"DeliveryDocument": "80000001"}, write()[0], 'W/"1"'
    )
    assert [each.text("SystemMessageType") for each in row.rows("results")] == ["S"]
    request = gateway.requests[0]
    assert request.target == ROOT + "PostGoodsIssue?DeliveryDocument='80000001'"
    assert (request.method, request.body) == ("POST", b"")
    assert request.headers["content-length"] == "0"


def test_a_function_may_answer_with_nothing(world_of: Worlds) -> None:
    world, _ = world_of(script(reply(204)))
    assert "results" not in world.service().invoke("F", {}, write()[0])


def changeset(*parts: str, boundary: str = "x") -> Reply:
    inner = "".join(
        "--in\r\nContent-Type: application/http\r\n"
        f"Content-Transfer-Encoding: binary\r\n\r\n{part}\r\n"
        for part in parts
    )
    body = (
        f"--{boundary}\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n{inner}--in--\r\n"
        f"--{boundary}--\r\n"
    )
    return reply(202, body.encode(), Content_Type=f"multipart/mixed; boundary={boundary}")


def failed_changeset(status: int, body: dict[str, object]) -> Reply:
    content = json.dumps(body)
    part = (
        f"HTTP/1.1 {status} Bad\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n{content}"
    )
    text = f"--x\r\nContent-Type: application/http\r\n\r\n{part}\r\n--x--\r\n"
    return reply(202, text.encode(), Content_Type="multipart/mixed; boundary=x")


DONE = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
MADE = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{"d":{"Item":"10"}}'
CHANGES = [Change("PATCH", "A(1)", {"Q": "2"}, 'W/"1"'), Change("POST", "A(1)/to_Item", {"M": "T"})]


def test_changes_leave_together_in_one_unit_of_work(world_of: Worlds) -> None:
    world, gateway = world_of(script(changeset(DONE, MADE)))
    intent, watcher = write()
    first, second = world.service().changeset(CHANGES, intent)
    assert first is None
    assert second is not None and second.text("Item") == "10"
    assert watcher.seen == POINTS
    request = gateway.requests[0]
    assert (request.method, request.target) == ("POST", ROOT + "$batch")
    text = request.body.decode()
    assert "PATCH A(1) HTTP/1.1\r\nAccept: application/json\r\n" in text
    assert 'If-Match: W/"1"\r\n' in text
    assert text.count("Content-Type: application/http") == 2
    assert text.count("multipart/mixed") == 1, "one changeset, so one unit of work"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "VP/199", RejectedError),
        (412, "/IWBEP/CM_MGW_RT/190", ChangedMeanwhileError),
        (500, "SY/530", OutcomeUnknownError),
    ],
)
def test_an_outer_success_says_nothing_of_the_inner_failure(
    world_of: Worlds, status: int, code: str, kind: type[ConnectorError]
) -> None:
    world, _ = world_of(script(failed_changeset(status, problem(code, "no"))))
    with pytest.raises(kind):
        world.service().changeset(CHANGES, write()[0])


@pytest.mark.parametrize(
    "answer",
    [
        changeset(DONE),
        changeset(DONE, DONE, DONE),
        changeset(DONE, "HTTP/1.1 400 Bad\r\n\r\n{}"),
        changeset(DONE, 'HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"d"'),
        changeset(DONE, 'HTTP/1.1 201 Created\r\n\r\n{"d"'),
        changeset(DONE, "no answer at all"),
        reply(202, b"--x\r\nContent-Type: ap", Content_Type="multipart/mixed; boundary=x"),
        reply(202, b"{}", Content_Type="application/json"),
        reply(202, b"", Content_Type="multipart/mixed; boundary=x"),
    ],
)
def test_an_answer_to_changes_that_cannot_be_trusted_is_a_doubt(
    world_of: Worlds, answer: Reply
) -> None:
    world, gateway = world_of(script(answer))
    with pytest.raises(OutcomeUnknownError):
        world.service().changeset(CHANGES, write()[0])
    assert len(gateway.requests) == 1


class Remembering:
    """A gateway that honours request ids; refusals are kept too."""

    def __init__(self, *answers: Reply) -> None:
        self.answers = list(answers)
        self.kept: dict[str, Reply] = {}

    def __call__(self, request: Received) -> Reply:
        identity = request.headers["requestid"]
        if identity not in self.kept:
            self.kept[identity] = self.answers.pop(0)
        head, _, body = self.kept[identity].content.partition(b"\r\n\r\n")
        return Reply(head + b"\r\nRepeatabilityResult: accepted\r\n\r\n" + body)


def test_the_same_write_carries_the_same_id_in_any_process(world_of: Worlds) -> None:
    gateway_side = Remembering(CREATED)
    world, gateway = world_of(gateway_side)
    for _ in range(2):
        service = world.service()
        assert service.create(SET, {"A": "b"}, write("order 1")[0]).text("SalesOrder") == "4711"
    first, second = (each.headers["requestid"] for each in gateway.requests)
    assert first == second
    assert len(first) == 32
    assert gateway.requests[0].headers["repeatabilitycreation"] == "2026-11-22T08:00:00"
    assert service.repeats_writes is Support.YES


def test_other_content_and_other_steps_have_other_ids(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED), {"repeatability": "on"})
    service = world.service()
    for reference, body in (("1", {"A": "b"}), ("2", {"A": "b"}), ("1", {"A": "c"})):
        service.create(SET, body, write(reference)[0])
    assert len({each.headers["requestid"] for each in gateway.requests}) == 3


def test_a_refusal_is_not_met_again_after_its_cause_was_removed(world_of: Worlds) -> None:
    """The gateway would repeat the refusal to the same id for hours."""
    world, _ = world_of(Remembering(reply(400, problem("VP/199", "no")), CREATED))
    service = world.service()
    with pytest.raises(RejectedError):
        service.create(SET, {}, write("order 1")[0])
    assert service.create(SET, {}, write("order 1")[0]).text("SalesOrder") == "4711"


def test_a_service_that_ignores_ids_is_told_no_more_of_them(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED))
    service = world.service()
    service.create(SET, {}, write("order 1")[0])
    service.create(SET, {}, write("order 2")[0])
    assert ["requestid" in each.headers for each in gateway.requests] == [True, False]
    assert service.repeats_writes is Support.NO


def test_a_service_that_refuses_ids_gets_the_write_without_one(world_of: Worlds) -> None:
    refused = reply(400, problem("ZZ/001", "no"), RepeatabilityResult="unsupported")
    world, gateway = world_of(lambda r: refused if "requestid" in r.headers else CREATED)
    service = world.service()
    assert service.create(SET, {}, write("order 1")[0]).text("SalesOrder") == "4711"
    assert ["requestid" in each.headers for each in gateway.requests] == [True, False]


def test_ids_can_be_switched_off(world_of: Worlds) -> None:
    world, gateway = world_of(script(CREATED), {"repeatability": "off"})
    world.service().create(SET, {}, write("order 1")[0])
    assert "requestid" not in gateway.requests[0].headers
