"""The folder channel takes files that are complete, and loses none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest
from structlog.testing import capture_logs

from connector.channels.folder import FolderChannel, OtherFiles
from connector.clock import ManualClock
from connector.errors import ConfigurationError, MessageError, TransientError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder


class LineReader:
    """One order per line; a line with a question mark is unreadable."""

    def read(
        self, stream: IO[bytes], source: str, other_files: OtherFiles
    ) -> Iterator[InboundOrder | MessageError]:
        for number, line in enumerate(stream.read().decode().splitlines(), 1):
            where = f"{source}, line {number}"
            if "?" in line:
                yield MessageError(where, "a question", "an order")
            else:
                order = ExternalOrder(
                    channel="shop",
                    external_id=line,
                    ordered_at=datetime(2026, 3, 2, tzinfo=UTC),
                    currency="EUR",
                    lines=(),
                )
                yield InboundOrder(order=order, source=where, raw=line)

    def is_file_of_lines(self, name: str) -> bool:
        return False

    def file_of_lines(self, name: str) -> str:
        return ""


class PairReader(LineReader):
    """The order of a file is the text of the file of lines that belongs to it."""

    def read(
        self, stream: IO[bytes], source: str, other_files: OtherFiles
    ) -> Iterator[InboundOrder | MessageError]:
        lines = other_files(self.file_of_lines(source))
        assert lines is not None
        yield from super().read(lines, source, other_files)

    def is_file_of_lines(self, name: str) -> bool:
        return name.endswith(".lines")

    def file_of_lines(self, name: str) -> str:
        return name.replace(".txt", ".lines") if name.endswith(".txt") else ""


class WritingClock(ManualClock):
    """Somebody goes on writing a file while the channel waits."""

    def __init__(self, file: Path) -> None:
        super().__init__(datetime(2026, 3, 2, tzinfo=UTC))
        self.file = file

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        with self.file.open("a") as file:
            file.write("more\n")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def channel(inbox: Path, **options: Any) -> FolderChannel:
    options = {
        "clock": ManualClock(datetime(2026, 3, 2, tzinfo=UTC)),
        "patterns": ("*.txt",),
        "reader": LineReader(),
        **options,
    }
    return FolderChannel("shop", inbox, **options)


def take_all(shop: FolderChannel) -> list[str]:
    """Receive and acknowledge each order by itself, as a careful consumer does."""
    found = []
    for each in shop.receive():
        found.append(each.source if isinstance(each, MessageError) else each.order.external_id)
        shop.acknowledge(each.source)
    return found


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


def test_files_are_read_in_the_order_of_their_names_and_move_to_done(inbox: Path) -> None:
    (inbox / "b.txt").write_text("3\n")
    (inbox / "a.txt").write_text("1\n2\n")

    assert take_all(channel(inbox)) == ["1", "2", "3"]
    assert files(inbox) == ["done/a.txt", "done/b.txt"]


def test_a_file_may_be_acknowledged_as_a_whole(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n2\n")
    shop = channel(inbox)
    list(shop.receive())

    shop.acknowledge("a.txt")

    assert files(inbox) == ["done/a.txt"]


def test_a_file_stays_until_all_of_it_is_durable(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n2\n")
    shop = channel(inbox)
    list(shop.receive())

    shop.acknowledge("a.txt, line 1")
    assert files(inbox) == ["a.txt"]

    shop.acknowledge("a.txt, line 2")
    assert files(inbox) == ["done/a.txt"]


def test_what_nobody_acknowledged_is_delivered_again(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n2\n")
    shop = channel(inbox)

    for each in shop.receive():
        shop.acknowledge(each.source)
        break

    assert take_all(shop) == ["1", "2"]
    assert files(inbox) == ["done/a.txt"]


def test_acknowledging_twice_is_harmless(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n")
    shop = channel(inbox)
    take_all(shop)

    shop.acknowledge("a.txt, line 1")

    assert files(inbox) == ["done/a.txt"]


def test_a_file_with_an_unreadable_part_moves_to_failed_with_the_reason(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\nwhat?\n")

    assert take_all(channel(inbox)) == ["1", "a.txt, line 2"]

    assert files(inbox) == ["failed/a.txt", "failed/a.txt.reason.txt"]
    reason = (inbox / "failed/a.txt.reason.txt").read_text()
    assert reason == "a.txt, line 2: a question; expected an order\n"


def test_a_second_file_of_the_same_name_does_not_replace_the_first(inbox: Path) -> None:
    shop = channel(inbox)
    for content in ("1", "2", "3"):
        (inbox / "a.txt").write_text(content)
        take_all(shop)

    assert files(inbox) == ["done/a.txt", "done/a~2.txt", "done/a~3.txt"]
    assert (inbox / "done/a~3.txt").read_text() == "3"


def test_an_empty_file_is_done(inbox: Path) -> None:
    (inbox / "a.txt").write_text("")

    assert take_all(channel(inbox)) == []
    assert files(inbox) == ["done/a.txt"]


def test_a_file_that_is_still_being_written_waits(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n")
    clock = WritingClock(inbox / "a.txt")

    assert take_all(channel(inbox, clock=clock)) == []
    assert files(inbox) == ["a.txt"]


def test_a_file_that_stood_still_is_read_without_waiting_again(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n")
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    shop = channel(inbox, clock=clock, settle_s=5)
    list(shop.receive())
    after_first = clock.now()

    list(shop.receive())

    assert (after_first - datetime(2026, 3, 2, tzinfo=UTC)).total_seconds() == 5
    assert clock.now() == after_first


def test_a_file_that_was_written_again_after_reading_stays(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1\n")
    shop = channel(inbox)
    list(shop.receive())
    (inbox / "a.txt").write_text("1\n2\n")

    shop.acknowledge("a.txt")

    assert take_all(shop) == ["1", "2"]


@pytest.mark.parametrize("name", [".a.txt", "a.txt.part", "a.txt.tmp", "a.csv", "a.txt~"])
def test_unfinished_and_other_names_are_left_alone(inbox: Path, name: str) -> None:
    (inbox / name).write_text("1\n")

    assert take_all(channel(inbox, patterns=("*.txt", "*.txt.*", "*~"))) == []
    assert files(inbox) == [name]


def test_a_link_out_of_the_folder_is_not_followed(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("secret\n")
    (inbox / "a.txt").symlink_to(tmp_path / "private.txt")

    assert take_all(channel(inbox)) == ["a.txt"]
    assert "it is a link" in (inbox / "failed/a.txt.reason.txt").read_text()
    assert (tmp_path / "private.txt").read_text() == "secret\n"


def test_a_pipe_does_not_block_the_channel(inbox: Path) -> None:
    os.mkfifo(inbox / "a.txt")

    assert take_all(channel(inbox)) == ["a.txt"]


def test_a_link_in_place_of_done_is_refused(inbox: Path, tmp_path: Path) -> None:
    (inbox / "done").symlink_to(tmp_path)

    with pytest.raises(ConfigurationError, match="must not leave"):
        channel(inbox).check()


def test_a_file_that_is_too_large_names_the_setting(inbox: Path) -> None:
    (inbox / "a.txt").write_text("1" * 11)
    take_all(channel(inbox, max_bytes=10))

    assert "channels.shop.max_bytes" in (inbox / "failed/a.txt.reason.txt").read_text()


def test_a_file_without_permission_to_read_moves_to_failed(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_text("1")

    def refused(path: Path, flags: int) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        take_all(channel(inbox))

    assert "Permission denied" in (inbox / "failed/a.txt.reason.txt").read_text()


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"channel shop: .*gone: there is no such folder"):
        list(channel(tmp_path / "gone").receive())


def test_a_file_in_place_of_the_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("")

    with pytest.raises(ConfigurationError, match=r"this is no folder"):
        channel(tmp_path / "inbox").check()


def test_a_file_in_place_of_done_is_found_before_anything_is_read(inbox: Path) -> None:
    (inbox / "done").write_text("")

    with pytest.raises(ConfigurationError, match=r"done: this is no folder"):
        channel(inbox).check()


def test_a_file_that_may_not_be_moved_stays_and_is_delivered_again(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_text("1")
    shop = channel(inbox)

    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied", str(target))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refused)
        with pytest.raises(ConfigurationError, match="Give this user the right"):
            take_all(shop)

    assert files(inbox) == ["a.txt"]
    assert take_all(shop) == ["1"]


def test_a_network_folder_that_is_away_is_no_mistake_of_the_settings(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Path) -> Iterator[Path]:
        raise OSError(errno.ESTALE, "Stale file handle", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", away)
        with pytest.raises(TransientError, match="cannot be reached"):
            list(channel(inbox).receive())


def test_orders_wait_for_the_file_with_their_lines_whichever_comes_first(inbox: Path) -> None:
    shop = channel(inbox, reader=PairReader())
    (inbox / "a.txt").write_text("a\n")
    (inbox / "b.lines").write_text("2\n")

    assert take_all(shop) == []
    assert shop.waiting == {"a.txt": "a.lines"}
    assert files(inbox) == ["a.txt", "b.lines"]

    (inbox / "a.lines").write_text("1\n")
    (inbox / "b.txt").write_text("b\n")

    assert take_all(shop) == ["1", "2"]
    assert shop.waiting == {}
    assert files(inbox) == ["done/a.lines", "done/a.txt", "done/b.lines", "done/b.txt"]


def test_files_that_belong_together_fail_together(inbox: Path) -> None:
    (inbox / "a.txt").write_text("a\n")
    (inbox / "a.lines").write_text("?\n")

    take_all(channel(inbox, reader=PairReader()))

    assert files(inbox) == [
        "failed/a.lines", "failed/a.lines.reason.txt", "failed/a.txt", "failed/a.txt.reason.txt"
    ]  # fmt: skip


def test_names_match_in_any_case_of_letters(inbox: Path) -> None:
    (inbox / "ORDERS.TXT").write_text("1\n")
    shop = channel(inbox, patterns=("*.txt",))

    assert take_all(shop) == ["1"]


def test_files_that_nobody_reads_are_told_once_each(inbox: Path) -> None:
    for name in ("a.edi", "b.edi", ".hidden", "c.edi.part"):
        (inbox / name).write_text("1\n")
    shop = channel(inbox)

    with capture_logs() as logs:
        assert take_all(shop) == []
        (inbox / "c.edi").write_text("1\n")
        assert take_all(shop) == []

    assert [(each["event"], each["file"]) for each in logs] == [
        ("file left alone", "a.edi"),
        ("file left alone", "b.edi"),
        ("file left alone", "c.edi"),
    ]
    assert shop.left_alone() == ("a.edi", "b.edi", "c.edi")
