"""Many reads in few requests."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connector.erp.odata.service import Query
from connector.erp.odata.values import key
from connector.errors import ConfigurationError, RejectedError, TransientError
from tests.erp.http.wire_server import Received, Reply, reply
from tests.erp.odata.core.conftest import Worlds
from tests.erp.odata.core.gateway import ROOT, problem

FIVE = [Query(key("A_SalesOrder", str(number))) for number in range(5)]
Parts = dict[str, tuple[int, dict[str, Any]]]


class Batching:
    """A gateway that answers each part of a batch, and single reads too."""

    def __init__(self, more: Parts | None = None, *, length: bool = True) -> None:
        self.more, self.length = more or {}, length

    def one(self, target: str) -> tuple[int, dict[str, Any]]:
        if target in self.more:
            return self.more[target]
        number = re.findall(r"\d+", target)[-1]
        return 200, {"d": {"SalesOrder": number}}

    def __call__(self, request: Received) -> Reply:
        if request.method == "GET":
            status, content = self.one(request.target.removeprefix(ROOT))
            return reply(status, content)
        parts = []
        for target in re.findall(
            r"GET (\S+) HTTP/1.1\r\nAccept: application/json", request.body.decode()
        ):
            status, content = self.one(target)
            text = json.dumps(content)
            length = f"Content-Length: {len(text)}\r\n" if self.length else ""
            parts.append(
                "--r\r\nContent-Type: application/http\r\ncontent-transfer-encoding: binary\r\n\r\n"
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{length}\r\n{text}\r\n"
            )
        body = "".join([*parts, "--r--\r\n"]).encode()
        return reply(202, body, Content_Type="multipart/mixed; boundary=r")


def numbers(found: list[list[Any]]) -> list[list[str]]:
    return [[row.text("SalesOrder") for row in rows] for rows in found]


@pytest.mark.parametrize("length", [True, False])
def test_the_answers_stand_in_the_order_of_the_questions(world_of: Worlds, length: bool) -> None:
    world, gateway = world_of(Batching(length=length))
    found = world.service().batch(FIVE)
    assert numbers(found) == [["0"], ["1"], ["2"], ["3"], ["4"]]
    assert [each.target for each in gateway.requests] == [ROOT + "$batch"]


def test_large_batches_are_cut_into_a_few(world_of: Worlds) -> None:
    world, gateway = world_of(Batching(), {"batch_size": 2})
    assert len(world.service().batch(FIVE)) == 5
    assert [each.target.removeprefix(ROOT) for each in gateway.requests] == [
        "$batch", "$batch", "A_SalesOrder('4')",
    ]  # fmt: skip


def test_nothing_to_read_is_no_request(world_of: Worlds) -> None:
    world, gateway = world_of(Batching())
    assert world.service().batch([]) == []
    assert gateway.requests == []


def test_what_does_not_exist_is_an_empty_answer(world_of: Worlds) -> None:
    missing = (404, problem("/IWBEP/CM_MGW_RT/020", "not found"))
    world, _ = world_of(Batching({"A_SalesOrder('1')": missing}))
    assert numbers(world.service().batch(FIVE[:3])) == [["0"], [], ["2"]]
    assert numbers(world.service().batch(FIVE[1:2])) == [[]]


def test_pages_of_a_part_are_followed(world_of: Worlds) -> None:
    first = {"d": {"results": [{"SalesOrder": "7"}], "__next": "A_SalesOrder?$skiptoken=8"}}
    world, gateway = world_of(Batching({"A_SalesOrder": (200, first)}))
    found = world.service().batch([Query("A_SalesOrder"), FIVE[0]])
    assert numbers(found) == [["7", "8"], ["0"]]
    assert len(gateway.requests) == 2


def test_a_refused_part_is_a_refusal(world_of: Worlds) -> None:
    world, _ = world_of(Batching({"A_SalesOrder('1')": (400, problem("ZZ/001", "no"))}))
    with pytest.raises(RejectedError):
        world.service().batch(FIVE)


@pytest.mark.parametrize("status", [404, 405, 415, 501])
def test_a_service_without_batch_is_read_one_by_one_from_then_on(
    world_of: Worlds, status: int
) -> None:
    batching = Batching()
    world, gateway = world_of(lambda r: reply(status) if r.method == "POST" else batching(r))
    service = world.service()
    assert numbers(service.batch(FIVE[:2])) == [["0"], ["1"]]
    assert numbers(service.batch(FIVE[:2])) == [["0"], ["1"]]
    assert [each.method for each in gateway.requests] == ["POST", "GET", "GET", "GET", "GET"]


def test_batches_can_be_switched_off(world_of: Worlds) -> None:
    world, gateway = world_of(Batching(), {"use_batch": False})
    world.service().batch(FIVE)
    assert {each.method for each in gateway.requests} == {"GET"}


def test_a_missing_right_is_not_taken_for_a_missing_batch(world_of: Worlds) -> None:
    world, _ = world_of(lambda request: reply(403))
    with pytest.raises(ConfigurationError):
        world.service().batch(FIVE)


@pytest.mark.parametrize(
    "answer",
    [
        reply(202, b"--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}",
              Content_Type="multipart/mixed; boundary=r"),
        reply(202, b"--r--\r\n", Content_Type="multipart/mixed; boundary=r"),
        reply(202, b"nonsense", Content_Type="multipart/mixed; boundary=r"),
        reply(202, b"nonsense", Content_Type="multipart/mixed"),
        reply(202, b"{}"),
    ],
)  # fmt: skip
def test_a_broken_answer_is_asked_for_again_and_then_told(world_of: Worlds, answer: Reply) -> None:
    world, gateway = world_of(lambda request: answer)
    with pytest.raises(TransientError):
        world.service().batch(FIVE)
    assert len(gateway.requests) == 3


def test_a_token_that_has_ended_is_renewed_for_a_batch_too(world_of: Worlds) -> None:
    world, gateway = world_of(Batching())
    service = world.service()
    service.batch(FIVE)
    gateway.token = "token-2"
    assert len(service.batch(FIVE)) == 5
