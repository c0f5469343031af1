"""Results of tests as JUnit XML, which build servers show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, SubElement

#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test: ``suite`` and ``name``; ``difference`` is empty where it passed."""

    # Not a class of tests for pytest, whatever its name.
    __test__ = False

    suite: str
    name: str
    difference: str


def write_junit(path: Path, name: str, results: Iterable[TestResult]) -> None:
    """
    Write *results* under the name of the whole to *path*.

    Raises:
        OSError: the file cannot be written.
    """
    suites = Element("testsuites", name=name)
    found: dict[str, list[TestResult]] = {}
    for result in results:
        found.setdefault(result.suite, []).append(result)
    for suite, tests in found.items():
        failed = sum(1 for test in tests if test.difference)
        node = SubElement(
            suites, "testsuite", name=suite, tests=str(len(tests)), failures=str(failed), errors="0"
        )
        for test in tests:
            case = SubElement(node, "testcase", classname=f"{name}.{suite}", name=test.name)
            if test.difference:
                failure = SubElement(case, "failure", message="not as expected")
                failure.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", test.difference)
    ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)
