"""`$batch`: parts answered in their order, changesets done together or not at all."""

from __future__ import annotations

import email
import email.message
import email.policy
import json
from typing import Any

import pytest
import requests

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of

GET = "GET A_SalesOrder('1') HTTP/1.1\r\nAccept: application/json\r\n\r\n"


def post(
    path: str, content: Any, content_id: str = "", method: str = "POST", more: str = ""
) -> str:
    body = json.dumps(content)
    named = f"Content-ID: {content_id}\r\n" if content_id else ""
    return (
        f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{named}\r\n"
        f"{method} {path} HTTP/1.1\r\nAccept: application/json\r\n{more}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}\r\n"
    )


def changeset(*operations: str) -> str:
    parts = "".join(f"--cs\r\n{operation}\r\n" for operation in operations)
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{parts}--cs--\r\n"


def retrieval(request: str) -> str:
    return f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{request}"


def send(client: Client, *parts: str) -> requests.Response:
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return client.write("POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b")


def answers(response: requests.Response) -> list[Any]:
    """Return (status, content, headers) per part; a changeset is a list of them."""
    assert response.status_code == 202, response.text
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    whole = email.message_from_bytes(head + response.content, policy=email.policy.HTTP)
    return [_answer(part) for part in whole.iter_parts()]


def _answer(part: Any) -> Any:
    if part.get_content_type() == "multipart/mixed":
        return [_answer(each) for each in part.iter_parts()]
    raw: bytes = part.get_payload(decode=True)
    line, _, rest = raw.partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    headers = email.message_from_bytes(head + b"\r\n\r\n")
    content = body[: int(headers["Content-Length"])]
    return int(line.split()[1]), json.loads(content) if content else None, headers


def test_reads_are_answered_in_their_order(client: Client) -> None:
    second = "GET A_SalesOrder/$count HTTP/1.1\r\n\r\n"

    first, counted, missing = answers(
        send(
            client,
            retrieval(GET),
            retrieval(second),
            retrieval("GET A_SalesOrder('9') HTTP/1.1\r\nAccept: application/json\r\n\r\n"),
        )
    )

    assert (first[0], first[1]["d"]["SalesOrder"]) == (200, "1")
    assert counted[:2] == (200, 3)
    assert missing[0] == 404


def test_addresses_may_be_absolute(client: Client) -> None:
    by_path = f"GET {client.path}/A_SalesOrder('1') HTTP/1.1\r\nAccept: application/json\r\n\r\n"
    by_url = by_path.replace(client.path, client.base + client.path)

    parts = answers(send(client, retrieval(by_path), retrieval(by_url)))

    assert [part[0] for part in parts] == [200, 200]


def test_a_changeset_is_one_unit_of_work(client: Client, book: BookErp) -> None:
    (parts,) = answers(
        send(
            client,
            changeset(
                post("A_SalesOrder", {"SoldToParty": "A"}),
                post("A_SalesOrder", {"SoldToParty": "B"}),
            ),
        )
    )

    assert [(status, content["d"]["SoldToParty"]) for status, content, _ in parts] == [
        (201, "A"),
        (201, "B"),
    ]
    assert (len(book.orders), book.commits) == (5, 1)


def test_one_failure_undoes_its_changeset_and_no_other(client: Client, book: BookErp) -> None:
    good = post("A_SalesOrder", {"SoldToParty": "A"})
    bad = post("A_SalesOrder", {"SoldToParty": "BAD"}, content_id="7")

    failed, done, read = answers(
        send(client, changeset(good, bad), changeset(good), retrieval(GET))
    )

    assert (failed[0], failed[1]["error"]["code"]) == (400, "VP/199")
    assert failed[2]["Content-ID"] == "7"
    assert done[0][0] == 201
    assert read[0] == 200
    assert len(book.orders) == 4


def test_a_later_operation_refers_to_an_earlier_one(client: Client, book: BookErp) -> None:
    (parts,) = answers(
        send(
            client,
            changeset(
                post("A_SalesOrder", {"SoldToParty": "A"}, content_id="new"),
                post("$new/to_Item", {"Material": "TG20"}, content_id="item"),
            ),
        )
    )

    assert [part[0] for part in parts] == [201, 201]
    assert [part[2]["Content-ID"] for part in parts] == ["new", "item"]
    assert book.items["4", "90"]["Material"] == "TG20"


def test_an_unknown_reference_is_refused(client: Client, book: BookErp) -> None:
    (part,) = answers(send(client, changeset(post("$new/to_Item", {"Material": "TG20"}))))

    assert part[0] == 400


def test_changes_in_a_changeset_need_the_etag_as_well(client: Client) -> None:
    tag = client.get("A_SalesOrder('1')").headers["ETag"]
    content = {"SalesGroup": "001"}

    without, right = answers(
        send(
            client,
            changeset(post("A_SalesOrder('1')", content, method="MERGE")),
            changeset(
                post("A_SalesOrder('1')", content, method="PATCH", more=f"If-Match: {tag}\r\n")
            ),
        )
    )

    assert without[0] == 428
    assert right[0][0] == 204


def test_a_write_outside_a_changeset_and_a_read_inside_are_refused(
    client: Client, book: BookErp
) -> None:
    outside, inside = answers(
        send(client, post("A_SalesOrder", {"SoldToParty": "A"}), changeset(retrieval(GET)))
    )

    assert (outside[0], inside[0]) == (400, 400)
    assert len(book.orders) == 3


def test_a_function_import_in_a_changeset(client: Client) -> None:
    call = post("releaseApprovalRequest?SalesOrder='1'", {})

    (parts,) = answers(send(client, changeset(call)))

    assert parts[0][1]["d"]["releaseApprovalRequest"]["Boolean"] is True


def test_a_fault_of_an_operation_strikes_inside_the_batch(
    client: Client, front: HttpFront, book: BookErp
) -> None:
    front.inject("precondition failed", on="POST A_SalesOrder")

    failed, read = answers(
        send(client, changeset(post("A_SalesOrder", {"SoldToParty": "A"})), retrieval(GET))
    )

    assert (failed[0], read[0]) == (412, 200)
    assert len(book.orders) == 3


def test_a_field_is_missing_inside_a_batch(client: Client, front: HttpFront) -> None:
    front.inject("field missing", on="GET A_SalesOrder", field="TotalNetAmount")

    first, second = answers(send(client, retrieval(GET), retrieval(GET)))

    assert "TotalNetAmount" not in first[1]["d"]
    assert "TotalNetAmount" in second[1]["d"]


def test_an_answer_inside_a_batch_cannot_be_read(client: Client, front: HttpFront) -> None:
    client.fetch_token()
    front.inject("truncated json", on="GET A_SalesOrder")

    with pytest.raises(json.JSONDecodeError):
        answers(send(client, retrieval(GET)))


def test_a_batch_needs_a_token(client: Client) -> None:
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    assert client.ask("POST", "$batch", b"--b--", **headers).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/mixed; boundary=b"),
        (b"--b--\r\n", "multipart/mixed; boundary=b"),
        (b"--b\r\n\r\n--b\r\n", "multipart/mixed; boundary=b"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b\r\nContent-Type: application/http\r\n\r\nx\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b\r\nno header\r\n\r\nx\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b--\r\n", "multipart/mixed"),
        (b"--b--\r\n", "application/json"),
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(client: Client, body: bytes, kind: str) -> None:
    response = client.write("POST", "$batch", body, Content_Type=kind)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "/IWFND/CM_MGW_RT/049"


def test_a_batch_for_another_service_is_refused(client: Client) -> None:
    part = retrieval("GET http://elsewhere.test/x/A_SalesOrder HTTP/1.1\r\n\r\n")

    assert send(client, part).status_code == 400


def test_a_batch_is_not_endless(front: HttpFront, book: BookErp) -> None:
    face_on(front, book, batch_operations=2)
    client = client_of(front)

    assert send(client, *[retrieval(GET)] * 3).status_code == 400
    assert send(client, *[retrieval(GET)] * 2).status_code == 202


def test_line_ends_may_be_plain(client: Client) -> None:
    body = "--b\nContent-Type: application/http\n\nGET A_SalesOrder('1') HTTP/1.1\n\n\n--b--"
    response = client.write(
        "POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b"
    )

    assert response.status_code == 202
    assert b"HTTP/1.1 200 OK" in response.content
