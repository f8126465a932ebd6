"""How rows can be divided, what is asked about it, and that an answer holds."""

from app.core.data import Use
from app.core.dividing import ORDERED, Question, Way
from app.core.progress import Silent
from app.core.runs import SplitKind
from app.data.dividing import divide, question_of, reasons_of, ways_of
from app.data.looking import profile as profiles
from app.registry import decisions

BY_ROW = Way(SplitKind.STRATIFIED)


def text(rows, **columns):
    lines = [",".join(str(cell(i)) for cell in columns.values()) for i in range(rows)]
    return "\n".join([",".join(columns), *lines]) + "\n"


def day(i):
    return f"2025-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}"


def label(i):
    return "yes" if i * 7919 % 10 < 4 else "no"


def visits():
    return text(
        300, x=lambda i: i * 7907 % 1009, seen=lambda i: day(i * 101 % 336), year=lambda i: 2003 + i * 37 % 7,
        who=lambda i: f"K{i * 37 % 90}", y=label,
    )  # fmt: skip


def now(project, reading):
    return {c.name: c.use for c in reading.columns}


def test_a_time_that_does_not_divide_is_asked_about_until_somebody_decides(data_project, drop):
    project, first = data_project, drop(visits(), target="y").reading
    ways = ways_of(first, profiles.load(project, first))
    assert {Way(SplitKind.TIME, "seen"), Way(SplitKind.TIME, "year"), Way(SplitKind.GROUP, "who")} < set(ways)
    assert ways[0] == BY_ROW and Way(SplitKind.GROUP, "x") not in ways
    message = "seen and year may say when a row happened; the rows are divided by chance."
    assert question_of(project, first, SplitKind.STRATIFIED) == Question(("seen", "year"), message)
    timed = divide(project, first.version_id, Way(SplitKind.TIME, "seen"), Silent())
    assert timed.column("seen").use is Use.TIME and question_of(project, timed, SplitKind.TIME) is None
    assert reasons_of(timed, "seen")[1].startswith("from ")
    grouped = divide(project, first.version_id, Way(SplitKind.GROUP, "who"), Silent())
    assert (grouped.column("who").use, grouped.column("seen").use) == (Use.GROUP, first.column("seen").use)
    back = divide(project, first.version_id, BY_ROW, Silent())
    assert now(project, back) == now(project, first)
    assert set(decisions.decisions(project, first.version_id)) == {(ORDERED, "seen"), (ORDERED, "year")}
    assert question_of(project, back, SplitKind.STRATIFIED) is None


def test_rows_in_an_order_that_many_of_them_lack_are_asked_about(data_project, drop):
    inputs = {"x": lambda i: i * 7907 % 1009, "inv. date": lambda i: day(i) if i % 10 else ""}
    made = drop(text(300, **inputs, y=label), target="y")
    asked = question_of(data_project, made.reading, SplitKind.STRATIFIED)
    assert asked.columns == ("inv. date",)
    assert "in the order of inv. date, but 30 of 300 have none and would be left out" in asked.message
    assert reasons_of(made.reading, "inv. date")[0] == "The rows are in the order of inv. date"
    (found,) = [f for f in made.findings if f.code == ORDERED]
    assert "held out" not in found.message and "would be left out" in found.message
