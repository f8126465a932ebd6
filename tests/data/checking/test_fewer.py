"""Of what is to be said of hundreds of columns the first are named and the others counted."""

from __future__ import annotations

from app.data.checking.fewer import MOST_OF_A_CODE, Teller, fewer
from app.data.findings import warn

MANY = [warn("COLUMN_CONSTANT", f"c{i} is constant.", column=f"c{i}") for i in range(MOST_OF_A_CODE + 50)]


def test_few_findings_stay_as_they_are():
    found = (warn("MANY_COLUMNS", "So many."), *MANY[:MOST_OF_A_CODE])

    assert fewer(found) == found


def test_the_rest_is_counted_in_one_finding():
    shown = fewer([*MANY, warn("NON_FINITE", "x", column="x"), warn("MANY_COLUMNS", "So many.")])

    assert shown[:MOST_OF_A_CODE] == tuple(MANY[:MOST_OF_A_CODE])
    assert shown[MOST_OF_A_CODE].column is None
    assert "50 more columns, the first of them c100" in shown[MOST_OF_A_CODE].message
    assert [f.code for f in shown[MOST_OF_A_CODE + 1 :]] == ["NON_FINITE", "MANY_COLUMNS"]


def test_what_is_only_counted_is_not_looked_up():
    teller, looked = Teller(), []
    for i, finding in enumerate(MANY):
        made = teller.say("constant", finding.column, lambda i=i: looked.append(i) or MANY[i])
        assert (made.code, made.column) == (finding.code, finding.column)

    assert looked == list(range(MOST_OF_A_CODE))


def test_what_was_only_counted_never_speaks_for_another_column():
    teller = Teller()
    said = [teller.say("constant", finding.column, lambda f=finding: f) for finding in MANY[: MOST_OF_A_CODE + 1]]

    shown = fewer(said[1:])

    assert shown[:-1] == tuple(MANY[1:MOST_OF_A_CODE])
    assert shown[-1].column is None and "1 more columns, the first of them c100" in shown[-1].message
