"""The three lists behind a comparison: groups, changed decisions, replayed requests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from app.core.challenges import Changed, Comparison, GroupChange, Replayed
from app.core.metrics import METRIC_WORDS
from app.core.worth import Worth
from app.ui.models.challenge_words import cell, gain_tip, gain_words, group_tip, share_words, tr, verdict_words
from app.ui.widgets.table import RecordsModel, TableColumn
from app.ui.words import count, figure, when


def group_model(found: Comparison, parent: QObject) -> RecordsModel[GroupChange]:
    """Groups of rows, those where the challenger is worse first."""
    loss = METRIC_WORDS[found.measure] if found.measure else tr("loss")
    columns: list[TableColumn[GroupChange]] = [
        TableColumn(tr("Rows where"), lambda g: g.title, tip=group_tip),
        TableColumn(tr("Verdict"), verdict_words, tip=group_tip),
        TableColumn(tr("Rows"), lambda g: count(g.rows), True, lambda g: g.rows),
        TableColumn(tr("Change"), share_words, True, lambda g: g.changed / max(g.rows, 1)),
        TableColumn(tr("Right"), lambda g: count(g.right), True, lambda g: g.right),
        TableColumn(tr("Wrong"), lambda g: count(g.wrong), True, lambda g: g.wrong),
        TableColumn(
            tr("Gain"), gain_words, True, lambda g: g.gain.value if g.gain else 0.0, partial(gain_tip, loss=loss)
        ),
    ]
    if found.flags is not None:  # nothing says what is right
        columns = [columns[0], columns[2], columns[3]]
    model = RecordsModel(columns, parent)
    model.show(found.groups)
    return model


def _gain(group: GroupChange) -> float:
    return group.gain.value if group.gain is not None else 0.0


def changed_model(found: Comparison, parent: QObject) -> RecordsModel[Changed]:
    """Rows that are answered differently, what moved most first."""
    columns: list[TableColumn[Changed]] = [
        TableColumn(tr("Row"), lambda c: count(c.row), True, lambda c: c.row),
        *([TableColumn[Changed](tr("Truth"), lambda c: c.actual)] if found.flags is None else []),
        TableColumn(tr("Champion"), lambda c: c.champion),
        TableColumn(tr("Challenger"), lambda c: c.challenger),
        TableColumn(tr("Score then"), lambda c: figure(c.champion_score), True, lambda c: c.champion_score),
        TableColumn(tr("Score now"), lambda c: figure(c.challenger_score), True, lambda c: c.challenger_score),
        *(TableColumn[Changed](name, partial(cell, place=i)) for i, name in enumerate(found.columns)),
    ]
    model = RecordsModel(columns, parent)
    model.show(found.listed)
    return model


def replayed_model(listed: tuple[Replayed, ...], parent: QObject) -> RecordsModel[Replayed]:
    """Logged requests that would be answered differently."""
    columns: list[TableColumn[Replayed]] = [
        TableColumn(tr("Asked"), lambda r: when(r.at), key=lambda r: r.at),
        TableColumn(tr("Champion"), lambda r: r.champion),
        TableColumn(tr("Challenger"), lambda r: r.challenger),
        TableColumn(tr("Score then"), lambda r: figure(r.champion_score), True, lambda r: r.champion_score),
        TableColumn(tr("Score now"), lambda r: figure(r.challenger_score), True, lambda r: r.challenger_score),
        TableColumn(tr("Prediction"), lambda r: r.prediction_id),
    ]
    model = RecordsModel(columns, parent)
    model.show(listed)
    return model


@dataclass(frozen=True, slots=True)
class WorthLine:
    """A share of the rows with what it scored, or a past window with what refitting would have gained."""

    title: str
    rows: int
    value: float
    low: float
    high: float


def worth_model(found: Worth | None, parent: QObject) -> RecordsModel[WorthLine]:
    """The learning curve, then the past windows."""
    columns: list[TableColumn[WorthLine]] = [
        TableColumn(tr("Score or gain"), lambda w: w.title),
        TableColumn(tr("Rows"), lambda w: count(w.rows), True, lambda w: w.rows),
        TableColumn(tr("Figure"), lambda w: figure(w.value), True, lambda w: w.value),
        TableColumn(tr("Between"), lambda w: f"{figure(w.low)} – {figure(w.high)}"),
    ]
    model = RecordsModel(columns, parent)
    model.show(_worth_lines(found) if found is not None else ())
    return model


def _worth_lines(found: Worth) -> list[WorthLine]:
    metric, told = METRIC_WORDS[found.metric], found.measured
    curve = [WorthLine(metric, p.rows, p.value, p.low, p.high) for p in told.curve]
    gain = tr("Gain, {0}")
    past = [(gain.format(w.first_at[:16].replace("T", " ")), w.rows, w.gain) for w in told.windows]
    return [*curve, *(WorthLine(title, rows, score.value, score.low, score.high) for title, rows, score in past)]
