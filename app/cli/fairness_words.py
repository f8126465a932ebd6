"""How groups of rows are treated, as ``explain`` says it."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.fairness import FairColumn, FairGroup, Fairness, gap_words
from app.core.runs import Score
from app.errors import NotFound


def shown_columns(fair: Fairness, chosen: Sequence[str]) -> list[FairColumn]:
    """Personal columns and those chosen by name. NotFound for one without groups."""
    there = {column.column: column for column in fair.columns}
    for name in chosen:
        if name not in there:
            raise NotFound(f"The column {name} has no groups to compare.", f"There are: {', '.join(there)}.")
    return [column for column in fair.columns if column.personal or column.column in chosen]


def fairness_body(fair: Fairness, shown: Sequence[FairColumn]) -> dict[str, object]:
    """Every group's figures, and the largest difference of each measure."""
    return {"of": fair.of or None, "small_rows": fair.small_rows, "columns": [_column(column) for column in shown]}


def fairness_lines(shown: Sequence[FairColumn]) -> list[str]:
    """One line for each column and measure."""
    lines = [f"   {gap_words(gap)}" for column in shown for gap in column.gaps]
    return ["How groups are treated:", *lines] if lines else []


def _column(column: FairColumn) -> dict[str, object]:
    return {
        "column": column.column,
        "personal": column.personal,
        "groups": [_group(group) for group in column.groups],
        "gaps": [
            {
                "measure": gap.measure,
                "difference": gap.difference.value,
                "interval": [gap.difference.low, gap.difference.high],
                "high": gap.high,
                "low": gap.low,
            }
            for gap in column.gaps
        ],
    }


def _group(group: FairGroup) -> dict[str, object]:
    figures = {
        figure.measure: {
            "rows": figure.rows,
            "value": _triple(figure.value),
            "difference": _triple(figure.difference),
            "ratio": _triple(figure.ratio),
            "small": figure.small,
        }
        for figure in group.figures
    }
    return {"title": group.title, "rows": group.rows, "reference": group.reference, "figures": figures}


def _triple(score: Score | None) -> list[float] | None:
    """The figure, then the ends of its interval."""
    return None if score is None else [score.value, score.low, score.high]
