"""Labels find their predictions: by any id, each counted once, contradictions taken by nobody."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from app.core.data import ColumnType, ParseRecipe
from app.core.outcomes import Contradiction, JoinedBy, UnknownLabel
from app.core.progress import Silent
from app.errors import BadInput, NotAllowed
from app.monitoring.join_order import JOINED, Joined, JoinOrder
from app.monitoring.joining import join
from app.monitoring.labels import refuse_others, refuse_several
from app.registry.project import Project
from app.runtime.logline import Line, Output
from tests.registry.conftest import STORY as story

BUNDLE = "sha256:" + "ab" * 32


@dataclass
class InFolder(Silent):
    """Where the child would work."""

    folder: Path


@pytest.fixture
def log(tmp_path):
    """Ten predictions, one a minute; the customer of number 3 asked twice."""
    lines = [
        Line(f"id-{i}", f"2026-03-01T10:{i:02d}:00.000000Z", BUNDLE, "churn@1", {"customer": min(i, 8), "age": 1.5},
             Output(value=1.0), 0.5, caller_id=f"call {i}")
        for i in range(10)
    ]  # fmt: skip
    foreign = Line("other", "2026-03-01T10:00:00.000000Z", "sha256:" + "0" * 64, "x@1", {}, Output(value=1.0), 0.5)
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in [*lines, foreign]) + b'{"torn')
    return path


@pytest.fixture
def joined(log, tmp_path):
    """Join a file of text; what was found, and the pairs."""

    def run(text, id_column="id", type_=ColumnType.BOOLEAN, looked_at="", answers=()):
        source = tmp_path / "labels.csv"
        source.write_text(text)
        order = JoinOrder(
            source,
            id_column,
            "left",
            type_,
            ParseRecipe("csv"),
            (str(log),),
            ((BUNDLE, looked_at),),
            frozenset(answers),
        )
        found = join(InFolder(tmp_path), order)
        return found, [json.loads(line) for line in (tmp_path / JOINED).read_text().splitlines()]

    return run


def test_every_row_is_counted_once(joined):
    text = "id,left\nid-1,true\nid-1,true\nid-2,false\nid-3,true\nid-3,false\nid-4,\nnobody,true\nother,true\n,true\n"
    found, pairs = joined(text)
    shown = (Contradiction("id-3", ("true", "false")),)
    assert found == Joined(JoinedBy.PREDICTION, 9, 2, 3, 1, 2, 1, shown, (BUNDLE,))
    assert pairs == [[0, "id-1", "true", False], [1, "id-2", "false", False]]
    assert found.matched + found.unmatched + found.duplicate + found.contradictory + found.unlabelled == found.rows


def test_the_callers_own_id_is_seen_to_be_one(joined):
    found, pairs = joined("ref,left\ncall 1,yes\ncall 2,no\n", "ref")
    assert found.joined_by is JoinedBy.CALLER
    assert [pair[1:3] for pair in pairs] == [["id-1", "true"], ["id-2", "false"]]


def test_an_input_may_name_several_predictions(joined):
    found, pairs = joined("customer,left\n8,true\n7,false\n", "customer")
    assert (found.joined_by, found.matched) == (JoinedBy.INPUT, 2)
    assert [pair[1:3] for pair in pairs] == [["id-7", "false"], ["id-8", "true"], ["id-9", "true"]]


def test_what_comes_after_a_report_is_late(joined):
    _, pairs = joined("id,left\nid-1,true\nid-9,true\n", looked_at="2026-03-01T10:05:00.000000Z")
    assert [(pair[1], pair[3]) for pair in pairs] == [("id-1", True), ("id-9", False)]


def test_labels_are_written_as_the_model_writes_classes(joined):
    assert joined("id,left\nid-1,3\n", type_=ColumnType.INTEGER)[1][0][2] == "3"
    assert joined("id,left\nid-1,3\n", type_=ColumnType.NUMBER)[1][0][2] == "3.0"
    assert joined("id,left\nid-1,3\n", type_=ColumnType.CATEGORY)[1][0][2] == "3"


def test_a_file_of_somebody_else_joins_nothing(joined):
    found, pairs = joined("id,left\nx,true\n")
    assert (found.joined_by, found.matched, found.unmatched, pairs) == (JoinedBy.NOTHING, 0, 1, [])


def test_a_column_that_is_not_there_is_named(joined):
    with pytest.raises(BadInput, match="key"):
        joined("id,left\nid-1,true\n", "key")
    with pytest.raises(BadInput, match=r"The column left cannot be both the id and what happened\."):
        joined("id,left\nid-1,true\n", "left")


def test_a_number_is_the_same_id_however_it_is_written(joined):
    found, pairs = joined("customer,left\n8.0,true\n 7 ,false\n", "customer")
    assert (found.joined_by, found.matched) == (JoinedBy.INPUT, 2)
    assert [pair[1] for pair in pairs] == ["id-7", "id-8", "id-9"]


def test_a_label_that_is_no_finite_number_is_none(joined):
    found, pairs = joined("id,left\nid-1,inf\nid-2,2.5\n", type_=ColumnType.NUMBER)
    assert (found.unlabelled, found.matched) == (1, 1)
    assert pairs == [[0, "id-2", "2.5", False]]


def test_what_fits_predictions_of_two_models_is_asked_about_unless_it_names_predictions():
    known = {"aa": "east", "bb": "west", "cc": "west"}
    for way, bundles in ((JoinedBy.PREDICTION, ("aa", "bb")), (JoinedBy.INPUT, ("bb", "cc")), (JoinedBy.NOTHING, ())):
        found = Joined(way, 1, 1, 0, 0, 0, 0, bundles=tuple(f"sha256:{one}" for one in bundles))
        refuse_several(found, known)
    for way in (JoinedBy.INPUT, JoinedBy.CALLER):
        with pytest.raises(NotAllowed, match=r"predictions of east and west, by "):
            refuse_several(Joined(way, 1, 1, 0, 0, 0, 0, bundles=("sha256:aa", "sha256:cc")), known)


def test_a_column_without_any_answer_of_the_model_is_another_column(joined):
    with pytest.raises(BadInput, match=r"No value of left is an answer of the model: A, B\.") as told:
        joined("id,left\nid-1,A\nid-2,B\n", type_=ColumnType.CATEGORY, answers={"yes", "no"})
    assert told.value.hint == "It answers no, yes. Is what happened in another column?"
    text = "id,left\nid-0,\nid-1,yes\nid-2,yes \nid-3,no\nid-4,yes \nid-5,A\n"
    found, pairs = joined(text, type_=ColumnType.CATEGORY, answers={"yes", "no"})
    assert (found.matched, found.unknown) == (5, 3), "kept, and told"
    assert found.unknown_labels == (UnknownLabel("yes ", 3, "id-2"), UnknownLabel("A", 6, "id-5"))
    assert [str(one) for one in found.unknown_labels] == ['"yes " in row 3', '"A" in row 6']
    assert pairs[1][2] == "yes "
    with pytest.raises(BadInput, match=r"The file has no column id\.") as told:
        joined("number,left\n1,yes\n")
    assert told.value.hint == "It has: number, left."


def test_ids_of_another_model_are_told_whose_they_are(joined, tmp_path):
    found, _ = joined("id,left\nid-1,true\nghost,true\n")
    assert found.strange == ()
    found, _ = joined("id,left\nghost,true\n")
    assert (found.joined_by, found.strange) == (JoinedBy.NOTHING, ("ghost",))
    with Project.create(tmp_path / "project", actor="Ada") as project:
        refuse_others(project, found, "west")
        run = story.start(project, *story.add(project, "a", name="east"))
        asked = story.collect(
            project, story.bundle(project, story.approve(project, run, story.fit(project, run))).sha256
        )
        with pytest.raises(NotAllowed, match=r"of predictions by east@1, not by west\."):
            refuse_others(project, replace(found, strange=("ghost", asked[0])), "west")
