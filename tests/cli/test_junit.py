"""JUnit reports: every gate and check a test case, whatever letters a column's name has."""

from __future__ import annotations

from pathlib import Path

from defusedxml import ElementTree

from app.cli import main
from app.cli.junit import Case, report
from app.cli.junit_cases import gate_cases, monitor_cases
from app.core.gates import GateResult
from app.core.monitoring import (
    ColumnDrift,
    Drift,
    DriftTest,
    MonitorReport,
    Performance,
    Verdict,
    Window,
)
from app.core.runs import Candidate, CandidateState, Plan, Run, RunState, Score, Task

CANDIDATE = Candidate(
    "c", "r", "Linear", "linear", CandidateState.PASSED, False, 1.0, Score(0.8, 0.7, 0.9), Score(0.8, 0.7, 0.9)
)


def test_failures_are_counted_and_strange_letters_survive():
    cases = [Case("a <b> & \x00\x1b", "1 < 2 & \x08"), Case("fine", note="ok"), Case("later", skipped="no labels")]
    told = ElementTree.fromstring(report("check é@1", cases))
    assert told.attrib == {"name": "modelyard", "tests": "3", "failures": "1", "skipped": "1"}
    first, second, third = told.iter("testcase")
    assert (first.get("name"), first.get("classname")) == ("a <b> & ��", "check é@1")
    assert first.find("failure").get("message") == "1 < 2 & �"
    assert second.find("system-out").text == "ok"
    assert third.find("skipped") is not None


def test_each_gate_is_a_case_and_no_candidate_is_a_failure():
    plan = Plan("v", "r", "left", Task.BINARY, "roc_auc", "yes", 20.0, 0)
    run = Run("r", 1, "d", plan, "e", RunState.FINISHED, "", (CANDIDATE,))
    gates = [GateResult("parity", True, None, None, "Equal."), GateResult("bound", False, 0.6, 0.7, "Too low.")]
    assert gate_cases(run, gates) == [Case("parity", note="Equal."), Case("bound", "Too low.")]
    (none,) = gate_cases(Run("r", 1, "d", plan, "e", RunState.FAILED, "", reason="No time."), [])
    assert none.problem == "No time."


def test_a_look_fails_by_its_verdict_and_by_each_column_that_moved():
    moved = ColumnDrift("fee", DriftTest.SHAPE, 0.4, 0.0, 0.1, 0.001, 0.9, True, True, 0, 0)
    quiet = ColumnDrift("age", DriftTest.SHAPE, 0.05, 0.0, 0.1, 0.5, 0.1, False, False, 0, 0)
    told = Performance("roc_auc", None, 3, None, 0.7)
    look = MonitorReport(
        "m@1", Verdict.ACT, "fee moved far.", Window("", "", 9), Drift((moved, quiet), None, 0.05), told, None
    )
    verdict, performance, fee, age = monitor_cases(look)
    assert (verdict.problem, performance.skipped) == ("fee moved far.", "Not enough labels: 3.")
    assert (fee.name, bool(fee.problem), bool(age.problem)) == ("column fee", True, False)


def test_check_writes_the_report_that_its_exit_code_tells(tmp_path: Path):
    project, file = tmp_path / "p", tmp_path / "people.csv"

    def table(fee: str) -> None:
        file.write_text(
            "fee,left\n" + "".join(f"{fee}{i % 20},{'yes' if i % 2 else 'no'}\n" for i in range(60)), "utf-8"
        )

    table("")
    assert main(["new", str(project)]) == 0
    assert main(["add", str(project), str(file), "--name", "people", "--target", "left"]) == 0
    assert main(["check", str(project), "people", "--accept", "--junit", str(tmp_path / "out" / "one.xml")]) == 0
    kept = ElementTree.parse(tmp_path / "out" / "one.xml").getroot()
    assert int(kept.get("tests")) >= 3
    assert kept.get("failures") == "0"
    table("about ")
    assert main(["add", str(project), str(file), "--name", "people"]) == 0
    assert main(["check", str(project), "people", "--junit", str(tmp_path / "two.xml")]) == 4
    broken = ElementTree.parse(tmp_path / "two.xml").getroot()
    assert int(broken.get("failures")) >= 1
    assert int(broken.get("tests")) >= int(kept.get("tests"))
