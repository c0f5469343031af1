"""
The requests of one service: how each leaves, and what is done with its answer.

A write goes: token (a read; nothing is posted) -> connection open -> fence check -> out -> answer.
Turned away for its token, or for carrying a request id, it has posted nothing and leaves once more.
Everything else that happens once the first byte may have left is an unknown outcome, unless the
ERP itself said no.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from connector.clock import Clock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.pool import HttpPool
from connector.erp.http.reading import Retrying
from connector.erp.http.session import HttpSession
from connector.erp.odata import batch, csrf
from connector.erp.odata.content import MalformedError
from connector.erp.odata.errors import Judge, NotThereError
from connector.erp.odata.protocol import ProtocolOptions
from connector.erp.odata.repeatability import Repeatability, is_unsupported
from connector.erp.odata.write import Write
from connector.errors import (
    ConnectorError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

#: Makes something of a body and the ETag beside it.
Reading = Callable[[bytes, str], _T]


@dataclass(frozen=True, slots=True)
class ServiceWire:
    """
    One service. ``root`` is its path, with a slash at its end.

    Reads that end badly are tried again as `Retrying` says; writes never are.
    """

    name: str
    root: str
    http: HttpPool
    options: ProtocolOptions
    judge: Judge
    clock: Clock
    retrying: Retrying
    repeatability: Repeatability

    def read(self, address: str, reading: Reading[_T]) -> _T:
        """GET *address*, a path below the service or a link of the ERP's, and read the answer."""
        return self._read(address, "application/json", reading)

    def read_text(self, address: str) -> str:
        """GET *address* as plain text."""
        return self._read(address, "text/plain", lambda body, _: body.decode("utf-8-sig"))

    def read_document(self, address: str, media_type: str) -> bytes:
        """GET *address* as it comes."""
        return self._read(address, media_type, lambda body, _: body)

    def ask(self, path: str, body: bytes, reading: Reading[_T]) -> _T:
        """POST what saves nothing, and read the answer."""
        call = self._call("POST", path, {"Content-Type": "application/json"}, body)
        return self.retrying.run(lambda: self._understood(self._posted(call), call, reading))

    def write(self, part: batch.Part, write: Write, reading: Reading[_T]) -> _T:
        """Send one write and read the answer."""
        call = self._call(part.method, part.path, part.headers, part.body, writes=True)
        answer = self._written(call, write)
        with _posted_already(call):
            return self._understood(answer, call, reading)

    def read_together(
        self,
        parts: Sequence[batch.Part],
        reading: Reading[_T],
        missing: _T,
        refusals: Collection[int],
    ) -> list[_T] | None:
        """
        Read *parts* in one `$batch`; *missing* stands for what is not there (404).

        None: the service refused with a status in *refusals*, so that it has no `$batch`.
        """
        boundary = batch.new_boundary("batch")
        call = self._batch_call(batch.of_reads(parts, boundary), boundary, writes=False)

        def once() -> list[_T] | None:
            answer = self._answer_to_post(call)
            if answer.status in refusals:
                return None
            self._require(answer, call)
            answers = self._parts_of(answer, call, len(parts))
            return [self._part_read(each, call, reading, missing) for each in answers]

        return self.retrying.run(once)

    def write_together(
        self, parts: Sequence[batch.Part], write: Write, reading: Reading[_T]
    ) -> list[_T]:
        """Send *parts* as one changeset."""
        boundary, inner = "batch_changes", "changeset_changes"
        # Fixed marks: the same changes are the same bytes, and so have the same request id.
        while any(inner.encode() in part.body for part in parts):
            inner += "_"
        call = self._batch_call(batch.of_changeset(parts, boundary, inner), boundary, writes=True)
        answer = self._written(call, write)
        try:
            answers = self._parts_of(answer, call, None)
        except TransientError as error:
            raise OutcomeUnknownError(str(error)) from error
        if len(answers) == 1 and not answers[0].is_success:
            # One answer stands for all: the unit of work was rolled back.
            self._raise_refusal(answers[0], call, write)
        for each in answers:
            with _posted_already(call):
                self._require(each, call)
        if len(answers) != len(parts):
            raise OutcomeUnknownError(
                f"{call.action}: {len(parts)} changes have {len(answers)} answers"
            )
        with _posted_already(call):
            return [self._understood(each, call, reading) for each in answers]

    def _read(self, address: str, media_type: str, reading: Reading[_T]) -> _T:
        call = self._call("GET", address, {"Accept": media_type})

        def once() -> _T:
            with self.http.session() as session:
                answer = session.exchange(call)
            self._require(answer, call)
            return self._understood(answer, call, reading)

        return self.retrying.run(once)

    def _posted(self, call: Call) -> Answer:
        answer = self._answer_to_post(call)
        self._require(answer, call)
        return answer

    def _answer_to_post(self, call: Call) -> Answer:
        """Send a POST that saves nothing, with a token, which is renewed once."""
        with self.http.session() as session:
            answer = session.exchange(self._with(call, self._token(session)))
            if csrf.is_rejected(answer):
                csrf.forget(session)
                answer = session.exchange(self._with(call, self._token(session)))
        if csrf.is_rejected(answer):
            raise csrf.rejected_again(call.action)
        return answer

    def _written(self, call: Call, write: Write) -> Answer:
        """Send a write and return its answer if that is a success; raises what it is else."""
        with self.http.session() as session:
            answer = self._sent(session, call, write)
            if csrf.is_rejected(answer):
                _log.info("token renewed", action=call.action)
                csrf.forget(session)
                answer = self._sent(session, call, write)
            elif is_unsupported(answer):
                self.repeatability.learn(answer)
                answer = self._sent(session, call, write)
        write.passed(Point.COMMIT_ANSWERED)
        if csrf.is_rejected(answer):
            write.passed(Point.COMMIT_REFUSED)
            raise csrf.rejected_again(call.action)
        self._raise_refusal(answer, call, write)
        return answer

    def _sent(self, session: HttpSession, call: Call, write: Write) -> Answer:
        token = self._token(session)
        request_id = self.repeatability.request_id(
            write.reference, call.method, call.path, call.body or b""
        )
        ids = self.repeatability.headers(request_id, self.clock.now())
        answer = session.exchange(
            self._with(call, {**token, **ids}),
            on_sent=lambda: write.passed(Point.COMMIT_SENT),
            on_ready=write.about_to_leave,
        )
        if request_id:
            self.repeatability.learn(answer)
        return answer

    def _raise_refusal(self, answer: Answer, call: Call, write: Write) -> None:
        """Raise what *answer* stands for; a refusal gives the same content another id next time."""
        refusal = self.judge.refusal(answer, call, self.clock.now())
        if refusal is None:
            return
        if not isinstance(refusal, OutcomeUnknownError):
            write.passed(Point.COMMIT_REFUSED)
            if write.reference:
                self.repeatability.was_refused(
                    write.reference, call.method, call.path, call.body or b""
                )
        raise refusal

    def _token(self, session: HttpSession) -> dict[str, str]:
        return csrf.token_of(session, self.root, self.name, self.clock.now)

    def _require(self, answer: Answer, call: Call) -> None:
        refusal = self.judge.refusal(answer, call, self.clock.now())
        if refusal is not None:
            raise refusal

    def _understood(self, answer: Answer, call: Call, reading: Reading[_T]) -> _T:
        try:
            return reading(answer.body, answer.headers.get("ETag", ""))
        except (MalformedError, UnicodeError) as error:
            raise TransientError(f"{call.action}: the answer is malformed ({error})") from error

    def _part_read(self, answer: Answer, call: Call, reading: Reading[_T], missing: _T) -> _T:
        try:
            self._require(answer, call)
        except NotThereError:
            return missing
        return self._understood(answer, call, reading)

    def _parts_of(self, answer: Answer, call: Call, expected: int | None) -> list[Answer]:
        try:
            answers = batch.answers_of(answer, call.action)
        except batch.BatchUnreadableError as error:
            raise TransientError(f"{call.action}: {error}") from error
        if expected is not None and len(answers) != expected:
            raise TransientError(f"{call.action}: {expected} reads have {len(answers)} answers")
        return answers

    def _batch_call(self, body: bytes, boundary: str, *, writes: bool) -> Call:
        headers = {"Content-Type": batch.media_type(boundary), "Accept": "multipart/mixed"}
        return self._call("POST", "$batch", headers, body, writes=writes)

    def _call(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        writes: bool = False,
    ) -> Call:
        label = address.partition("?")[0].removeprefix(self.root).partition("(")[0]
        if "://" in address or address.startswith("/"):
            path, label = address, label.rpartition("/")[2]
        else:
            path = self.root + address
        return Call(
            method,
            path,
            f"{self.name} {method} {label}",
            {"Accept": "application/json", "MaxDataServiceVersion": "2.0", **headers},
            body,
            writes,
        )

    @staticmethod
    def _with(call: Call, headers: Mapping[str, str]) -> Call:
        return replace(call, headers={**call.headers, **headers})


@contextmanager
def _posted_already(call: Call) -> Iterator[None]:
    """Turn what is wrong with the answer to a write into an unknown outcome: it was a success."""
    try:
        yield
    except OutcomeUnknownError:
        raise
    except ConnectorError as error:
        messages = error.messages if isinstance(error, TransientError | RejectedError) else ()
        raise OutcomeUnknownError(f"{call.action}: posted, then: {error}", messages) from error
