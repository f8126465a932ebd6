"""Gates are pure rules over what was measured."""

import pytest

from app.approval.gates import evaluate, gates_for, summary
from app.core.data import Finding, Outcome
from app.core.decisions import Decision, FindingDecision
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import DEFAULT_GATES
from app.core.progress import Silent
from app.core.runs import CandidateState, ParityCertificate, Plan, Score, Task
from app.data.intake import add
from app.data.standing import Standing
from app.registry.gates import record_gates
from app.registry.project import Project
from app.training.order import Fitted

PLAN = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes")
PROOF = ParityCertificate(True, 100, 50, 0, 0, 1e-7, 0, 1e-5, "0" * 64)


def standing(*findings):
    return tuple(Standing(finding, (finding.code, finding.column or "")) for finding in findings)


def fitted(low=0.1, luck=None, proof=PROOF, note=""):
    gap = Score(0.2, low, 0.3)
    return Fitted("x", CandidateState.PASSED, 1.0, False, None, None, gap, luck, 100, proof, 10, note)


def outcome(found, *findings):
    return {r.name: r.passed for r in evaluate(PLAN, standing(*findings), found)}


def test_a_good_candidate_passes_every_gate_in_their_order():
    results = evaluate(PLAN, (), fitted())
    assert [r.name for r in results] == [g.name for g in DEFAULT_GATES]
    assert all(r.passed for r in results)
    assert (results[0].value, results[0].bound) == (0.1, 0.0)


@pytest.mark.parametrize(
    ("low", "luck", "passed"), [(0.0, None, False), (-0.01, None, False), (0.1, 0.16, False), (0.1, 0.001, True)]
)
def test_better_means_more_than_the_noise_and_more_than_luck(low, luck, passed):
    assert outcome(fitted(low, luck))["better_than_baseline"] is passed


def test_a_failed_or_missing_certificate_fails_parity_and_names_the_rows():
    failed = ParityCertificate(False, 100, 50, 1, 1, 0.4, 0, 1e-5, "0" * 64, ("hold-out row 3: off by 0.4",))
    assert outcome(fitted(proof=failed))["parity"] is False
    assert "hold-out row 3" in evaluate(PLAN, (), fitted(proof=failed))[1].message
    assert outcome(fitted(proof=None, note="cannot be exported"))["parity"] is False


def test_only_checks_that_block_training_fail_the_data_gate():
    blocks = Finding("TARGET_LEAK", Outcome.WARN, "A copy of the target.", blocks_training=True)
    harmless = Finding("DUPLICATE_ROWS", Outcome.WARN, "Two equal rows.")
    assert outcome(fitted(), harmless)["data_checks"] is True
    assert outcome(fitted(), blocks)["data_checks"] is False


def test_a_waived_check_passes_the_data_gate_which_says_who_waived_it_and_why():
    many = Finding("TARGET_MANY_CLASSES", Outcome.WARN, "y has too many values.", "y", blocks_training=True)
    one = Finding("TARGET_ONE_CLASS", Outcome.WARN, "y has only one value.", "y", blocks_training=True)
    word = FindingDecision("v", many.code, "y", Decision.WAIVE, "They are all real.", "Ada", "2026-01-01")
    gate = evaluate(PLAN, (Standing(many, (many.code, "y"), word),), fitted())[2]
    assert gate.passed and "Ada" in gate.message and "They are all real." in gate.message
    assert not evaluate(PLAN, (Standing(one, (one.code, "y"), word),), fitted())[2].passed
    assert not evaluate(PLAN, (Standing(many, (many.code, "y"), before=word, before_number=1),), fitted())[2].passed


def test_the_reason_that_stands_ready_says_how_every_gate_went():
    text = summary(evaluate(PLAN, (), fitted()))
    assert text.startswith("3 of 3 gates passed.")
    assert "ROC AUC" in text and "0.2" in text and "probe rows" in text
    assert summary(evaluate(PLAN, (), fitted(low=-1))).startswith("2 of 3")


def add_table(project, folder):
    (folder / "t.csv").write_text("x,y\n" + "".join(f"{i},{'yes' if i % 3 else 'no'}\n" for i in range(60)))
    added = add(project, folder / "t.csv", target="y", ctx=Silent())
    return added.version, added.reading


def test_gates_are_known_before_training(tmp_path):
    with Project.create(tmp_path / "project", actor="Ada") as project:
        version, reading = add_table(project, tmp_path)
        assert gates_for(project, reading) == DEFAULT_GATES
        record_gates(project, version.dataset_id, [GateRule(GateKind.BOUND, 0.8, "roc_auc")])
        *defaults, own = gates_for(project, reading)
    assert tuple(defaults) == DEFAULT_GATES
    assert (own.name, own.title) == ("bound:roc_auc", "ROC AUC at least 0.8")
