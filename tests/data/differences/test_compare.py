"""What differs between two versions is what was edited, no more and no less."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.data import Column, ColumnEdit, ColumnType, Use
from app.core.decisions import Decision
from app.core.differences import ColumnChange, ColumnChangeKind, Differences
from app.core.progress import Recorder, Silent
from app.data import engine
from app.data.differences.compare import compare
from app.data.differences.comparing import compare_tables
from app.data.differences.comparison import TableRef
from app.data.differences.shifts import chi_square_bound, ks_distance
from app.data.edit import edit_columns
from app.data.types.typed import write_table
from app.errors import BadInput, JobCancelled
from app.registry.decisions import decide
from tests.data.conftest import Here

PLANS = ("basic", "plus", "pro")
BASE = [[f"C{i:04}", 20 + i % 50, PLANS[i % 3], "yes" if i % 4 else "no"] for i in range(200)]


def table(rows: list[list[object]], names: str = "id,age,plan,churned") -> bytes:
    return "\n".join([names, *(",".join("" if v is None else str(v) for v in row) for row in rows)]).encode()


@pytest.fixture
def differ(data_project, drop):
    """Add two tables as versions and compare them."""

    def compared(before: bytes, after: bytes, **options) -> Differences:
        first, second = drop(before, "churn.csv"), drop(after, "later.csv")
        return compare(data_project, first.reading, second.reading, ctx=Silent(), **options)

    return compared


def edited(rows: list[list[object]]) -> list[list[object]]:
    """Two rows gone, one new, three cells changed, all in another order."""
    rows = [list(row) for row in rows[2:]]
    rows[10][1], rows[20][2], rows[21][2] = 99, None, "pro plus"
    return [["N0001", 44, "basic", "yes"], *reversed(rows)]


def test_rows_are_told_apart_by_the_identifier(differ):
    found = differ(table(BASE), table(edited(BASE)))

    rows = found.rows
    assert (found.before.label, found.after.label, found.same_content) == ("churn@1", "churn@2", False)
    assert (rows.key, rows.added, rows.removed, rows.changed, rows.same) == (("id",), 1, 2, 3, 195)
    assert [(c.name, c.cells) for c in rows.columns] == [("plan", 2), ("age", 1)]
    assert [(e.row, e.cells) for e in rows.added_examples] == [(1, ("N0001", "44", "basic", "yes"))]
    assert [e.row for e in rows.removed_examples] == [1, 2]
    (age,) = rows.columns[1].examples
    assert (age.key, age.row_before, age.row_after, age.before, age.after) == (("C0012",), 13, 189, "32", "99")
    assert {(e.before, e.after) for e in rows.columns[0].examples} == {("plus", None), ("pro", "pro plus")}


def test_without_a_key_rows_are_added_and_removed_as_a_whole(differ):
    names, rows = "age,plan,churned", [row[1:] for row in BASE]

    found = differ(table(rows, names), table([row[1:] for row in edited(BASE)], names)).rows

    assert (found.key, found.added, found.removed, found.changed) == ((), 4, 5, 0)
    assert "No column is used as an identifier" in found.note


def test_a_row_that_is_there_twice_counts_twice(differ):
    names = "age,plan"
    rows = [[1, "a"], [1, "a"], [2, "b"], [3, "b"]]

    found = differ(table(rows, names), table([[1, "a"], [2, "b"], [2, "b"], [2, "b"]], names)).rows

    assert (found.same, found.added, found.removed) == (2, 2, 2)
    assert [e.row for e in found.removed_examples] == [1, 4]


def test_a_person_chooses_the_key(differ):
    found = differ(table(BASE), table(edited(BASE)), key=()).rows

    assert (found.key, found.added, found.removed) == ((), 4, 5)


def test_a_key_that_repeats_is_refused(differ):
    with pytest.raises(BadInput, match="plan does not tell the rows apart: 197 of 200 rows repeat"):
        differ(table(BASE), table(edited(BASE)), key=("plan",))


def test_a_key_that_only_one_side_has_is_refused(differ):
    with pytest.raises(BadInput, match="nope is not a column of both"):
        differ(table(BASE), table(edited(BASE)), key=("nope",))


def test_columns_types_and_uses_that_changed(data_project, drop):
    first = drop(table(BASE), "churn.csv")
    second = drop(table([[*row, i] for i, row in enumerate(BASE)], "id,years,plan,churned,extra"), "other.csv")
    edits = [ColumnEdit("plan", use=Use.IGNORED), ColumnEdit("id", ColumnType.CATEGORY)]
    changed = edit_columns(data_project, second.reading.id, edits, ctx=Silent())

    found = compare(data_project, first.reading, changed, ctx=Silent())

    kinds = ColumnChangeKind
    assert ColumnChange("years", kinds.ADDED, "", "integer") in found.columns
    assert ColumnChange("age", kinds.REMOVED, "integer") in found.columns
    assert ColumnChange("plan", kinds.USE, "input", "ignored") in found.columns
    assert [c.name for c in found.columns if c.kind is kinds.TYPE] == ["id"]
    assert (found.rows.same, found.rows.changed) == (200, 0)


def test_another_type_of_the_same_cells_changes_no_cell(data_project, drop):
    first = drop(table(BASE), "churn.csv")
    changed = edit_columns(data_project, first.reading.id, [ColumnEdit("age", ColumnType.CATEGORY)], ctx=Silent())

    found = compare(data_project, first.reading, changed, ctx=Silent())

    assert (found.rows.same, found.rows.changed, found.same_content) == (200, 0, False)


def test_shifts_are_measured_and_sorted(differ):
    rng = np.random.default_rng(3)
    before = [
        [i, round(float(v), 3), "abc"[i % 3], i % 7, None if i % 10 else 1.5]
        for i, v in enumerate(rng.normal(0, 1, 2000))
    ]
    after = [[i, round(float(v), 3), "abd"[i % 3], i % 7, 1.5] for i, v in enumerate(rng.normal(1, 1, 2000))]
    found = differ(table(before, "id,x,g,same,gaps"), table(after, "id,x,g,same,gaps"))

    by_name = {shift.column: shift for shift in found.shifts}
    assert [shift.column for shift in found.shifts] == ["gaps", "x", "g", "same"]
    x, g, gaps = by_name["x"], by_name["g"], by_name["gaps"]
    assert x.distance == pytest.approx(0.383, abs=0.03)  # 2 Phi(1/2) - 1
    assert (x.mean_before, x.mean_after) == (pytest.approx(0, abs=0.1), pytest.approx(1, abs=0.1))
    assert g.distance == pytest.approx(1 / 3, abs=0.01)
    assert ([v.value for v in g.appeared], [v.value for v in g.vanished]) == (["d"], ["c"])
    assert (gaps.missing_before, gaps.missing_after, gaps.beyond_noise) == (pytest.approx(0.9), 0, True)
    assert (by_name["same"].distance, by_name["same"].beyond_noise) == (0, False)
    assert x.histogram_before.edges == x.histogram_after.edges
    assert sum(x.histogram_after.counts) == 2000
    assert {s.column for s in found.notable} == {"gaps", "x", "g"}


def test_two_samples_of_one_source_are_no_shift(differ):
    rng = np.random.default_rng(11)

    def sample(rows: int) -> bytes:
        values = zip(range(rows), rng.normal(0, 1, rows), rng.choice(list("abcdefgh"), rows), strict=True)
        return table([[i, f"{x:.4f}", g] for i, x, g in values], "id,x,g")

    found = differ(sample(3000), sample(1500))

    assert not any(shift.beyond_noise for shift in found.shifts)


def test_flipped_labels_are_a_shift_and_each_is_shown(differ):
    rows = [[f"C{i:05}", i % 90, "yes" if i % 5 == 0 else "no"] for i in range(12_000)]
    flipped = [
        row if i < 10_000 or i % 5 == 4 else [*row[:2], "no" if row[2] == "yes" else "yes"]
        for i, row in enumerate(rows)
    ]

    found = differ(table(rows, "id,age,label"), table(flipped, "id,age,label"))

    assert [(c.name, c.cells) for c in found.rows.columns] == [("label", 1600)]
    assert found.shifts[0].column == "label" and found.shifts[0].beyond_noise


def test_checks_and_gates_that_flip(data_project, drop):
    first = drop(table(BASE), "churn.csv", target="churned")
    second = drop(table([[*row[:2], "same", "no"] for row in BASE]), "later.csv")

    found = compare(data_project, first.reading, second.reading, ctx=Silent())

    assert ("TARGET_ONE_CLASS", True, True) in {(c.code, c.appears, c.blocks_training) for c in found.checks}
    assert [(g.name, g.passes_before, g.passes_after) for g in found.gates] == [("data_checks", True, False)]
    back = compare(data_project, second.reading, first.reading, ctx=Silent())
    assert [(g.passes_before, g.passes_after) for g in back.gates] == [(False, True)]


def test_a_waived_check_keeps_the_gate(data_project, drop):
    first = drop(table(BASE), "churn.csv", target="churned")
    second = drop(table([[*row[:3], f"kind {i}"] for i, row in enumerate(BASE)]), "later.csv")
    for finding in second.reading.findings:
        if finding.blocks_training:
            decide(data_project, second.version.id, finding.code, finding.column, Decision.WAIVE, "known")

    assert compare(data_project, first.reading, second.reading, ctx=Silent()).gates == ()


def test_the_same_rows_differ_in_nothing(data_project, drop):
    first = drop(table(BASE), "churn.csv")
    other = edit_columns(data_project, first.reading.id, [ColumnEdit("plan", use=Use.IGNORED)], ctx=Silent())

    found = compare(data_project, first.reading, other, ctx=Silent())

    assert found.same_content
    assert (found.rows.same, found.rows.added, found.shifts) == (200, 0, ())
    assert [c.kind for c in found.columns] == [ColumnChangeKind.USE]


def test_comparing_can_be_cancelled_and_leaves_nothing(data_project, drop):
    first, second = drop(table(BASE), "churn.csv"), drop(table(edited(BASE)), "later.csv")

    with pytest.raises(JobCancelled):
        compare(data_project, first.reading, second.reading, ctx=Recorder(cancel_at=1))

    assert not list((data_project.path / "tmp").iterdir())


def test_ks_distance_is_scipys():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(5)
    for _ in range(20):
        a, b = (np.sort(rng.integers(0, 30, rng.integers(1, 200)).astype(float)) for _ in range(2))
        assert ks_distance(a, b) == pytest.approx(ks_2samp(a, b).statistic)


@pytest.mark.parametrize("freedom", [1, 2, 5, 50, 1000])
def test_chi_square_bound_is_scipys(freedom):
    from scipy.stats import chi2

    assert chi_square_bound(freedom) == pytest.approx(chi2.isf(0.001, freedom), rel=0.04)


def test_a_tenth_of_the_labels_of_a_small_table_is_no_accident(differ):
    rows = [[f"C{i:04}", i % 50, "yes" if i % 10 < 3 else "no"] for i in range(500)]
    flipped = [[*row[:2], "no" if i % 10 == 0 else row[2]] for i, row in enumerate(rows)]

    found = differ(table(rows, "id,age,label"), table(flipped, "id,age,label"))

    assert [s.column for s in found.notable] == ["label"]


CELL = {"x": st.one_of(st.none(), st.integers(0, 3)), "t": st.one_of(st.none(), st.sampled_from(["", "a", "b"]))}
ROW = st.fixed_dictionaries(CELL)
KEYED = st.dictionaries(st.integers(0, 12), ROW, min_size=1, max_size=10)
COLUMNS = (
    Column("id", ColumnType.INTEGER, Use.IDENTIFIER),
    Column("x", ColumnType.INTEGER, Use.INPUT),
    Column("t", ColumnType.CATEGORY, Use.INPUT),
)


def written(folder: Path, name: str, rows: list[tuple[int, dict[str, object]]]) -> TableRef:
    with engine.connect(folder) as connection:
        connection.execute("CREATE TABLE rows (c0 BIGINT, c1 BIGINT, c2 VARCHAR)")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", [[k, row["x"], row["t"]] for k, row in rows])
        write_table(connection, ["c0", "c1", "c2"], ["id", "x", "t"], "rows", folder / name)
    return TableRef(folder / name, COLUMNS, len(rows))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=KEYED, after=KEYED, data=st.data())
def test_differences_are_the_edits(before, after, data):
    order = data.draw(st.permutations(list(after.items())))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = written(folder, "a.parquet", list(before.items())), written(folder, "b.parquet", order)
        found = compare_tables(Here(folder), *tables, None).rows

    both = before.keys() & after.keys()
    changed = [k for k in both if before[k] != after[k]]
    assert found.key == ("id",)
    assert (found.added, found.removed) == (len(after) - len(both), len(before) - len(both))
    assert (found.changed, found.same) == (len(changed), len(both) - len(changed))
    cells = {n: sum(before[k][n] != after[k][n] for k in both) for n in ("x", "t")}
    assert {c.name: c.cells for c in found.columns} == {n: k for n, k in cells.items() if k}
    for column in found.columns:
        for example in column.examples:
            key = int(example.key[0])
            assert (example.before, example.after) == tuple(
                None if side[key][column.name] is None else str(side[key][column.name]) for side in (before, after)
            )
            assert order[example.row_after - 1][0] == key
