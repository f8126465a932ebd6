"""Gates and checks as test cases, in the file format that every CI service shows (``--junit FILE``).

The form is the one that GitHub's and GitLab's readers take: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from app.cli.command import Request


@dataclass(frozen=True, slots=True)
class Case:
    """A gate or a check. ``problem``: why it failed, empty if it passed; ``note``: what it said; ``skipped``: why
    nothing could be said."""

    name: str
    problem: str = ""
    note: str = ""
    skipped: str = ""


def junit_argument(parser: argparse.ArgumentParser) -> None:
    """The option that asks for the report."""
    parser.add_argument("--junit", metavar="FILE", help="write what was found as test cases for a CI service")


def write_junit(request: Request, suite: str, cases: Sequence[Case]) -> None:
    """Write the report where the line asks for one. EnvironmentProblem if the file cannot be written."""
    from app.errors import EnvironmentProblem

    if request.optional("junit") is None:
        return
    path = request.path("junit")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(report(suite, cases))
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written.", "Name another file.", str(error)) from error


def report(suite: str, cases: Sequence[Case]) -> bytes:
    """The report as XML."""
    counts = {
        "tests": len(cases),
        "failures": sum(bool(case.problem) for case in cases),
        "skipped": sum(bool(case.skipped) for case in cases),
    }
    numbers = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": "modelyard", **numbers})
    told = ElementTree.SubElement(root, "testsuite", {"name": _clean(suite), "errors": "0", "time": "0", **numbers})
    for case in cases:
        _add(told, suite, case)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(told: ElementTree.Element, suite: str, case: Case) -> None:
    known = {"classname": _clean(suite), "name": _clean(case.name), "time": "0"}
    made = ElementTree.SubElement(told, "testcase", known)
    if case.problem:
        ElementTree.SubElement(made, "failure", {"message": _clean(case.problem)}).text = _clean(case.problem)
    if case.skipped:
        ElementTree.SubElement(made, "skipped", {"message": _clean(case.skipped)})
    if case.note:
        ElementTree.SubElement(made, "system-out").text = _clean(case.note)


def _clean(text: str) -> str:
    """Without letters that XML 1.0 cannot hold: a column's name may have any."""
    return "".join(c if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) <= 0xFFFD else "�" for c in text)
