"""What every backend of the registry has to do. A backend's test class inherits this and gives a ``project``.

So far SQLite is the only backend (see ``test_contract``); the tables and queries are plain SQLAlchemy Core, and only
pragmas, triggers and backups are SQLite's own.
"""

from dataclasses import replace

import pytest

from app.core.data import Column, ColumnType, Finding, Outcome, ParseRecipe, Use
from app.core.decisions import Decision
from app.core.deploy import ServiceState
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.origins import Origin, OriginInput, OriginKind
from app.core.referee import Query, RefereeVerdict, Ruling
from app.core.runs import CandidateState, RunState, Score
from app.errors import BadInput, CorruptObject, NotAllowed, NotFound
from app.registry import (
    audit,
    contracts,
    datasets,
    decisions,
    deploy,
    gates,
    models,
    origins,
    runs,
    trials,
    verdicts,
)
from app.registry.newest_runs import later_alike
from app.runtime.rules import Rule
from tests.registry.alert_contract import AlertContract
from tests.registry.watch_contract import LoopContract, WatchContract


class DatasetContract:
    def test_a_version_comes_back_as_it_was_recorded(self, project, story):
        owner, version, reading = datasets.record_version(project, story.new_version(project, "a", name="churn"))
        assert datasets.datasets(project) == [owner]
        assert datasets.dataset(project, owner.id) == datasets.dataset_by_name(project, "churn") == owner
        assert datasets.versions(project, owner.id) == [version]
        assert datasets.version(project, version.id) == version
        assert datasets.version_by_sha256(project, version.sha256) == version
        assert datasets.current_reading(project, version.id) == datasets.reading(project, reading.id) == reading
        assert reading.target == "left"
        assert version.sources[0].name == "a.csv"

    def test_versions_are_numbered_within_their_data_set(self, project, story):
        first, _ = story.add(project, "a", name="churn")
        second, _ = story.add(project, "b", dataset_id=first.dataset_id)
        other, _ = story.add(project, "c", name="sales")
        assert (first.number, second.number, other.number) == (1, 2, 1)
        assert datasets.newest_version(project, first.dataset_id) == second
        assert datasets.first_version(project, first.dataset_id) == first

    def test_a_version_is_found_by_name_and_number(self, project, story):
        first, _ = story.add(project, "a", name="churn")
        second, _ = story.add(project, "b", dataset_id=first.dataset_id)
        odd, _ = story.add(project, "c", name="me@2")
        assert datasets.find_version(project, "churn")[1] == second
        assert datasets.find_version(project, "churn@1")[1] == first
        assert datasets.find_version(project, "me@2")[1] == odd
        assert datasets.find_version(project, "me@2@1")[1] == odd
        for text in ("churn@3", "nothing", "nothing@1", "@1", ""):
            with pytest.raises(NotFound):
                datasets.find_version(project, text)

    def test_same_bytes_or_same_name_are_refused(self, project, story):
        new = story.new_version(project, "a", name="churn")
        datasets.record_version(project, new)
        with pytest.raises(NotAllowed, match="version 1 of churn"):
            datasets.record_version(project, new)
        with pytest.raises(NotAllowed, match="churn already"):
            story.add(project, "b", name="churn")

    def test_a_row_never_names_bytes_that_are_not_stored(self, project, story):
        new = story.new_version(project, "a")
        project.objects.path(new.table_sha256).unlink()
        with pytest.raises(CorruptObject):
            datasets.record_version(project, new)
        assert datasets.datasets(project) == []

    def test_an_edit_is_a_reading_and_undo_selects_the_earlier_one(self, project, story):
        version, first = story.add(project, "a")
        columns = (Column("age", ColumnType.TEXT, Use.IGNORED), Column("left", ColumnType.BOOLEAN, Use.TARGET))
        finding = Finding("NA_AMBIGUOUS", Outcome.WARN, "Is NA missing?", "age", (3, 17), "Say so.", True)
        recipe = ParseRecipe("csv", delimiter=";", day_first=True, overrides=(("age", ColumnType.TEXT),))
        second = datasets.record_reading(
            project, version.id, recipe=recipe, columns=columns, positive="false", table_sha256=first.table_sha256,
            profile_sha256=first.profile_sha256, findings=(finding,), summary="age is text now",
        )  # fmt: skip
        assert second.number == 2
        assert datasets.current_reading(project, version.id) == second
        assert (second.recipe, second.columns, second.findings) == (recipe, columns, (finding,))
        assert datasets.select_reading(project, first.id) == first
        assert datasets.current_reading(project, version.id) == first
        datasets.select_reading(project, second.id)
        assert datasets.current_reading(project, version.id) == second
        assert datasets.readings(project, version.id) == [first, second]

    def test_what_does_not_exist_is_not_found(self, project):
        looks = (datasets.dataset, datasets.version, datasets.reading, datasets.current_reading)
        for look in (*looks, datasets.newest_version, datasets.first_version):
            with pytest.raises(NotFound):
                look(project, "nothing")
        assert datasets.dataset_by_name(project, "nothing") is None
        assert datasets.version_by_sha256(project, "nothing") is None


class RunContract:
    def test_a_run_tells_its_plan_its_candidates_and_how_it_ended(self, project, story):
        version, reading = story.add(project, "a")
        started = story.start(project, version, reading)
        assert runs.run(project, started.id) == started
        linear = story.fit(project, started)
        forest = story.fit(project, started, "Forest", CandidateState.PARITY_FAILED)
        ended = runs.end_run(project, started.id, RunState.CANCELLED, reason="You pressed Cancel.", notes=("sampled",))
        assert ended.candidates == (linear, forest)
        assert (ended.state, ended.reason, ended.notes) == (RunState.CANCELLED, "You pressed Cancel.", ("sampled",))
        assert ended.plan == started.plan
        assert runs.candidate(project, forest.id) == forest
        assert runs.gate_results(project, linear.id) == (GateResult("parity", True, None, None, "Passed on 3 rows."),)

    def test_runs_are_listed_newest_first_and_by_data_set(self, project, story):
        first, second = story.add(project, "a"), story.add(project, "b")
        made = [story.start(project, *data) for data in (first, second, first)]
        assert [run.number for run in runs.runs(project)] == [3, 2, 1]
        assert [run.number for run in runs.runs(project, most=2)] == [3, 2]
        assert [run.id for run in runs.runs(project, first[0].dataset_id)] == [made[2].id, made[0].id]

    def test_a_challenger_may_be_the_newest_runs_after_the_champions_that_asked_the_same(self, project, story):
        data, other = story.add(project, "a"), story.add(project, "b")
        before, run, *later = [story.start(project, *data) for _ in range(5)]
        elsewhere, barren = story.start(project, *other), story.start(project, *data)
        fitted, *_ = [story.fit(project, made) for made in (before, run, *later, elsewhere)]
        story.fit(project, barren, state=CandidateState.PARITY_FAILED)
        runs.end_run(project, later[0].id, RunState.FINISHED)
        runs.discard_run(project, later[0].id)
        for unfit in ({"baseline": True}, {"cv": None}):
            only = story.start(project, *data)
            runs.record_candidate(project, replace(fitted, id=new_id(), run_id=only.id, **unfit))
            assert runs.run(project, only.id).best is None
        assert [r.id for r in later_alike(project, run, 9)] == [later[2].id, later[1].id]
        assert [r.id for r in later_alike(project, run, 1)] == [later[2].id]
        asks_otherwise = replace(run, plan=replace(run.plan, metric="log_loss"))
        assert later_alike(project, asks_otherwise, 9) == []

    def test_a_run_is_found_by_number_id_and_unique_beginning(self, project, story):
        data = story.add(project, "a")
        first, second = story.start(project, *data), story.start(project, *data)
        assert runs.run(project, "2").id == runs.run(project, "#2").id == second.id
        assert runs.run(project, first.id[:-1]).id == first.id
        for text in (first.id[:4], "3", "", "0", "%", "nothing"):
            with pytest.raises(NotFound):
                runs.run(project, text)

    def test_an_ended_run_takes_no_more_and_ends_once(self, project, story):
        run = story.start(project, *story.add(project, "a"))
        runs.end_run(project, run.id, RunState.FINISHED)
        with pytest.raises(NotAllowed, match="ended"):
            story.fit(project, run)
        with pytest.raises(NotAllowed, match="ended already"):
            runs.end_run(project, run.id, RunState.FAILED)
        with pytest.raises(ValueError, match="running"):
            runs.end_run(project, run.id, RunState.RUNNING)

    def test_a_run_is_discarded_once_and_only_when_nothing_hangs_on_it(self, project, story):
        run = story.start(project, *story.add(project, "a"))
        with pytest.raises(NotAllowed, match="still running"):
            runs.discard_run(project, run.id)
        candidate = story.fit(project, run)
        runs.end_run(project, run.id, RunState.FINISHED)
        other = story.start(project, *story.add(project, "b"))
        runs.end_run(project, other.id, RunState.INTERRUPTED)
        assert runs.discard_run(project, other.id).state is RunState.DISCARDED
        assert runs.counted(project) == {RunState.FINISHED: 1, RunState.DISCARDED: 1}
        assert runs.runs_that(project, RunState.FINISHED, RunState.RUNNING) == [runs.run(project, run.id)]
        assert runs.runs_that(project, RunState.INTERRUPTED) == []
        assert [r.id for r in runs.runs_that(project, *RunState, most=1)] == [other.id]
        assert [r.id for r in runs.runs_that(project, *RunState, version_id=run.plan.version_id)] == [run.id]
        assert runs.runs_that(project, *RunState, dataset_id=other.dataset_id)[0].id == other.id
        assert [r.id for r in runs.runs_that(project, *RunState, after=run.number)] == [other.id]
        with pytest.raises(NotAllowed):
            runs.discard_run(project, other.id)
        story.approve(project, run, candidate)
        with pytest.raises(NotAllowed, match="approved"):
            runs.discard_run(project, run.id)


class ModelContract:
    def test_approved_candidates_become_numbered_versions(self, project, story):
        version, reading = story.add(project, "a", name="churn")
        made = []
        for _ in range(2):
            run = story.start(project, version, reading)
            candidate = story.fit(project, run)
            made.append(story.approve(project, run, candidate))
        assert [v.label for v in made] == ["churn@1", "churn@2"]
        assert models.model_versions(project, made[0].model_id) == models.model_versions(project) == made[::-1]
        assert models.model_version(project, made[0].id) == models.model_version_by_label(project, "churn@1") == made[0]
        assert models.model_version_by_label(project, "churn") == made[1]
        assert models.version_of_candidate(project, candidate.id) == made[1]
        assert [m.name for m in models.models(project)] == ["churn"]
        (approval,) = models.approvals(project, made[0].id)
        assert (approval.decision, approval.reason, approval.actor) == ("approved", "All gates passed.", project.actor)

    def test_what_did_not_pass_or_has_no_reason_is_not_approved(self, project, story):
        run = story.start(project, *story.add(project, "a"))
        failed = story.fit(project, run, "Forest", CandidateState.PARITY_FAILED)
        passed = story.fit(project, run)
        with pytest.raises(NotAllowed, match="did not pass"):
            story.approve(project, run, failed)
        with pytest.raises(BadInput, match="reason"):
            models.record_approval(
                project, candidate_id=passed.id, name="m", dataset_id=run.dataset_id, reason="  ", card="0" * 64
            )
        story.approve(project, run, passed)
        with pytest.raises(NotAllowed, match="approved already"):
            story.approve(project, run, passed)
        assert models.version_of_candidate(project, failed.id) is None

    def test_a_label_that_does_not_exist_is_not_found(self, project):
        for label in ("churn@1", "churn", "", "@"):
            with pytest.raises(NotFound):
                models.model_version_by_label(project, label)


class DeployContract:
    def _bundle(self, project, story):
        run = story.start(project, *story.add(project, "a"))
        return story.bundle(project, story.approve(project, run, story.fit(project, run)))

    def test_the_same_bundle_at_the_same_place_is_one_row(self, project, story):
        made = self._bundle(project, story)
        again = deploy.record_bundle(
            project, model_version_id=made.model_version_id, sha256=made.sha256, path=made.path, size_bytes=10
        )
        assert again == made == deploy.bundle(project, made.id) == deploy.bundle_by_sha256(project, made.sha256)
        assert deploy.bundles(project) == deploy.bundles(project, made.model_version_id) == [made]
        assert deploy.bundle_by_sha256(project, "0" * 64) is None

    def test_a_service_is_started_moved_and_stopped(self, project, story):
        made = self._bundle(project, story)
        service = deploy.record_service(project, name="churn", bundle_id=made.id, port=8000, log_path="logs/churn")
        assert deploy.services(project) == [service]
        assert service.state is ServiceState.RUNNING
        deploy.set_service_state(project, service.id, ServiceState.RUNNING, port=8001)
        stopped = deploy.set_service_state(project, service.id, ServiceState.STOPPED)
        assert (stopped.state, stopped.port) == (ServiceState.STOPPED, 8001)
        assert deploy.service(project, service.id) == stopped
        assert deploy.set_service_state(project, service.id, ServiceState.STOPPED) == stopped
        with pytest.raises(NotAllowed, match="log"):
            deploy.record_service(project, name="churn", bundle_id=made.id, port=8002, log_path="logs/churn")
        with pytest.raises(ValueError, match="relative"):
            deploy.record_service(project, name="churn", bundle_id=made.id, port=8002, log_path="/var/log")


class TrustContract:
    def test_a_derived_version_knows_what_it_was_made_of(self, project, story):
        orders, _ = story.add(project, "orders")
        origin = Origin(OriginKind.QUERY, query="select 1", inputs=(OriginInput("orders", orders.id),))
        new = replace(story.new_version(project, "derived"), origin=origin)
        _, made, _ = datasets.record_version(project, new)
        assert origins.origin_of(project, made.id) == origin
        assert origins.origin_of(project, orders.id) is None
        assert origins.made_of(project, orders.id) == [made.id]
        assert origins.made_of(project, made.id) == []
        assert origins.kinds(project) == {made.id: OriginKind.QUERY}

    def test_a_data_set_is_fetched_from_where_its_newest_rows_came_that_are_no_predictions(self, project, story):
        first, _ = story.add(project, "a")
        new = replace(story.new_version(project, "b", first.dataset_id), origin=Origin(OriginKind.PREDICTIONS))
        datasets.record_version(project, new)
        assert origins.fetched_version(project, first.dataset_id) == (first, None)
        web = Origin(OriginKind.WEB, "https://example.org/a.csv")
        new = replace(story.new_version(project, "c", first.dataset_id), origin=web)
        _, second, _ = datasets.record_version(project, new)
        assert origins.fetched_version(project, first.dataset_id) == (second, web)

    def test_a_changed_contract_is_a_new_version_of_it(self, project, story):
        version, _ = story.add(project, "a", name="churn")
        assert contracts.contract_of(project, version.dataset_id) is None
        first = contracts.record_contract(project, version.dataset_id, [Rule("type", "age", values=("integer",))], "")
        second = contracts.record_contract(
            project, version.dataset_id, [Rule("range", "age", 18, 99)], "Nobody is younger."
        )
        assert contracts.contracts(project, version.dataset_id) == [second, first]
        assert contracts.contract_of(project, version.dataset_id) == second
        assert (first.number, second.number, second.actor) == (1, 2, project.actor)
        assert [e.verb for e in audit.entries(project)][:2] == ["contract.change", "contract.change"]

    def test_the_newest_decision_about_a_finding_holds(self, project, story):
        version, _ = story.add(project, "a")
        decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.KEEP)
        waived = decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.WAIVE, "Known before.")
        about_all = decisions.decide(project, version.id, "DUPLICATE_ROWS", None, Decision.KEEP)
        assert decisions.decisions(project, version.id) == {
            ("TARGET_LEAK", "age"): waived,
            ("DUPLICATE_ROWS", ""): about_all,
        }
        decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.REOPEN)
        assert list(decisions.decisions(project, version.id)) == [("DUPLICATE_ROWS", "")]
        second, _ = story.add(project, "b", version.dataset_id)
        decisions.decide(project, second.id, "NO_ROWS", None, Decision.KEEP)
        earlier = {version.id: {("DUPLICATE_ROWS", ""): about_all}}
        assert decisions.decisions_before(project, version.dataset_id, 2) == earlier
        assert decisions.decisions_before(project, version.dataset_id, 1) == {}

    def test_a_waiver_without_a_reason_is_refused(self, project, story):
        version, _ = story.add(project, "a")
        with pytest.raises(BadInput, match="reason"):
            decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.WAIVE, "  ")
        assert decisions.decisions(project, version.id) == {}


VERDICT = RefereeVerdict(
    Ruling.ENOUGH, "roc_auc", "Linear", 0.8, 0.8, Score(0.0, -0.01, 0.005), 0.01, Query("A tree", ("1",), 0.1, 0.1),
    0.5, "A 1-line query reaches as much: SQL is enough.",
)  # fmt: skip


class VerdictContract:
    def test_a_run_has_one_verdict(self, project, story):
        version, reading = story.add(project, "a")
        run = story.start(project, version, reading)
        assert verdicts.verdict_of(project, run.id) is None
        verdicts.record_verdict(project, run.id, VERDICT)
        verdicts.record_verdict(project, run.id, replace(VERDICT, ruling=Ruling.UNDECIDED))
        assert verdicts.verdict_of(project, run.id) == VERDICT
        assert len(audit.entries(project, verb="run.verdict")) == 1

    def test_the_newest_verdict_on_a_version_is_the_answer(self, project, story):
        version, reading = story.add(project, "a")
        assert verdicts.newest_verdict(project, version.id) is None
        first, second, _ = [story.start(project, version, reading) for _ in range(3)]
        undecided = replace(VERDICT, ruling=Ruling.UNDECIDED)
        verdicts.record_verdict(project, second.id, undecided)
        verdicts.record_verdict(project, first.id, VERDICT)
        assert verdicts.newest_verdict(project, version.id) == (second, undecided)


class TrialContract:
    def test_trials_are_kept_as_they_come_in_the_order_of_their_start(self, project, story):
        version, reading = story.add(project, "a")
        run, other = story.start(project, version, reading), story.start(project, version, reading)
        assert trials.trials_of(project, run.id) == ()
        trials.record_trials(project, run.id, [story.trial(2)])
        trials.record_trials(project, run.id, [story.trial(3), replace(story.trial(1), score=None, note="Too long.")])
        trials.record_trials(project, run.id, [])
        found = trials.trials_of(project, run.id)
        assert [t.number for t in found] == [1, 2, 3] and found[1] == story.trial(2)
        assert found[0].score is None and found[0].note == "Too long."
        assert trials.trials_of(project, other.id) == ()


class GateContract:
    def test_changed_gates_are_a_new_version_of_them(self, project, story):
        version, _ = story.add(project, "a")
        assert gates.gate_set_of(project, version.dataset_id) is None
        rules = (GateRule(GateKind.BOUND, 0.8, "roc_auc"), GateRule(GateKind.CHAMPION, -0.05, relative=True))
        first = gates.record_gates(project, version.dataset_id, rules, "Agreed in May.")
        second = gates.record_gates(project, version.dataset_id, rules[:1])
        assert gates.gate_sets(project, version.dataset_id) == [second, first]
        assert gates.gate_set_of(project, version.dataset_id) == second
        assert (first.number, first.rules, first.reason, first.actor) == (1, rules, "Agreed in May.", project.actor)
        assert gates.rules_in(project, version.dataset_id, 1) == rules
        assert gates.rules_in(project, version.dataset_id, 0) == ()
        assert len(audit.entries(project, verb="gates.change")) == 2

    def test_gates_belong_to_one_data_set(self, project, story):
        version, other = story.add(project, "a")[0], story.add(project, "b")[0]
        gates.record_gates(project, version.dataset_id, [GateRule(GateKind.SQL_RULE)])
        assert gates.gate_set_of(project, other.dataset_id) is None
        with pytest.raises(NotFound):
            gates.record_gates(project, "nowhere", [])

    def test_a_gate_that_is_decided_later_stands_behind_the_others(self, project, story):
        version, reading = story.add(project, "a")
        candidate = story.fit(project, story.start(project, version, reading))
        late = GateResult("sql_rule", False, 0.0, 0.01, "SQL is enough.")
        runs.add_gate_results(project, candidate.id, [late])
        assert [g.name for g in runs.gate_results(project, candidate.id)] == ["parity", "sql_rule"]
        assert len(audit.entries(project, verb="run.gate")) == 1


class RegistryContract(
    AlertContract,
    LoopContract,
    GateContract,
    TrialContract,
    VerdictContract,
    DatasetContract,
    RunContract,
    ModelContract,
    DeployContract,
    WatchContract,
    TrustContract,
):
    """All of it."""
