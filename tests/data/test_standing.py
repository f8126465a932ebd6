"""A finding stands as the newest decision about it says; a waiver lets training go ahead, for this version only."""

from dataclasses import replace

import pytest

from app.core.decisions import Decision
from app.data.standing import blocking, standing_findings
from app.errors import BadInput, NotAllowed
from app.registry import audit
from app.registry.decisions import decide
from app.training.plan import make_plan


def many_classes(rows: int = 60) -> str:
    lines = [f"{i % 7},{i * 3 % 11},k{i % 45}" for i in range(rows)]
    return "\n".join(["a,b,kind", *lines]) + "\n"


@pytest.fixture
def added(drop):
    return drop(many_classes(), "many.csv", target="kind")


def test_too_many_classes_block_from_the_start_and_a_waiver_lets_them_pass(data_project, added):
    (found,) = [f for f in added.findings if f.blocks_training]
    assert found.code == "TARGET_MANY_CLASSES" and "45 different values in 60 rows" in found.message
    with pytest.raises(NotAllowed, match="too many for classes"):
        make_plan(data_project, added.version, added.reading)
    decide(data_project, added.version.id, found.code, found.column, Decision.WAIVE, "All are real.")
    assert blocking(data_project, added.reading) == ()
    assert make_plan(data_project, added.version, added.reading).target == "kind"
    decide(data_project, added.version.id, found.code, found.column, Decision.REOPEN)
    assert blocking(data_project, added.reading) == (found,)
    assert [e.verb for e in audit.entries(data_project)][:2] == ["finding.reopen", "finding.waive"]


def test_a_waiver_wants_a_reason(data_project, added):
    with pytest.raises(BadInput, match="reason"):
        decide(data_project, added.version.id, "TARGET_MANY_CLASSES", "kind", Decision.WAIVE, "  ")


def test_to_keep_a_finding_that_blocks_waives_nothing(data_project, added):
    decide(data_project, added.version.id, "TARGET_MANY_CLASSES", "kind", Decision.KEEP)
    assert len(blocking(data_project, added.reading)) == 1


def test_one_class_blocks_whatever_the_reason(data_project, drop):
    added = drop("x,y\n" + "".join(f"{i},a\n" for i in range(30)), target="y")
    decide(data_project, added.version.id, "TARGET_ONE_CLASS", "y", Decision.WAIVE, "Because.")
    (found,) = blocking(data_project, added.reading)
    assert found.code == "TARGET_ONE_CLASS"


def test_a_decision_is_of_one_version_and_the_next_tells_of_it(data_project, drop, added):
    decide(data_project, added.version.id, "TARGET_MANY_CLASSES", "kind", Decision.WAIVE, "All are real.")
    later = drop(many_classes(70), "many.csv")
    assert later.version.number == 2
    (now,) = [s for s in standing_findings(data_project, later.reading) if s.finding.blocks_training]
    assert now.blocks and not now.waived
    assert (now.before_number, now.before.reason) == (1, "All are real.")


def test_a_short_file_is_accepted_and_blocks_only_training(data_project, drop):
    added = drop("x,y\n1,a\n2,b\n4,a\n", target="y")
    assert str(added.outcome) == "accept" and added.codes == ("OK",)
    (found,) = blocking(data_project, added.reading)
    assert found.code == "TARGET_FEW_ROWS" and "3 rows have a target" in found.message


def test_a_waiver_of_one_broken_rule_is_none_of_another_of_the_same_column(data_project, added):
    from app.core.data import Finding, Outcome

    broken = [
        Finding("CONTRACT_BROKEN", Outcome.WARN, message, "a", blocks_training=True)
        for message in ("a is out of range.", "a is missing too often.")
    ]
    reading = replace(added.reading, findings=tuple(broken))
    first, second = [s for s in standing_findings(data_project, reading) if s.finding.code == "CONTRACT_BROKEN"]
    decide(data_project, added.version.id, first.key[0], first.key[1], Decision.WAIVE, "A new sensor.")
    first, second = [s for s in standing_findings(data_project, reading) if s.finding.code == "CONTRACT_BROKEN"]
    assert first.waived and second.blocks


def test_the_check_of_the_contract_hears_of_a_waiver_of_one_rule_and_of_no_other(data_project, added):
    from app.core.progress import Silent
    from app.data.contracts.contract import change, check
    from app.runtime.rules import Rule

    rules = (Rule("range", "a", minimum=0, maximum=5), Rule("unique", "a"))
    dataset_id = added.dataset.id
    change(data_project, dataset_id, rules, "A trial.", Silent())
    decide(data_project, added.version.id, "TARGET_MANY_CLASSES", "kind", Decision.WAIVE, "All are real.")
    for left in (2, 1, 0):
        found = check(data_project, "many", Silent())
        assert found.ok is (left == 0), found
        broken = [s for s in standing_findings(data_project, found.reading) if s.blocks]
        assert len(broken) == left
        if broken:
            decide(data_project, added.version.id, *broken[0].key, Decision.WAIVE, "A new sensor.")
