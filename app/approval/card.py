"""The model card: what a model was made from, how well it answers and where it must not be used. Markdown with the
header that model hubs read (https://huggingface.co/docs/hub/model-cards)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.approval.gates import waivers
from app.core.data import TYPE_WORDS, Column, ColumnType, DataVersion, Reading
from app.core.runs import (
    GREATER_IS_BETTER,
    METRIC_WORDS,
    Candidate,
    Evaluation,
    InputSpec,
    ParityCertificate,
    Recipe,
    Run,
    Score,
    SplitKind,
    Task,
)
from app.core.split_words import rule_words
from app.data.standing import standing_findings
from app.registry import datasets, runs
from app.registry.thresholds import threshold_of
from app.training import results

if TYPE_CHECKING:
    from app.registry.project import Project

TASK_WORDS = {
    Task.BINARY: "two classes",
    Task.MULTICLASS: "several classes",
    Task.REGRESSION: "a number",
    Task.ANOMALY: "unusual rows",
}
UNJUDGED = (
    "Nothing says whether a flagged row is a real problem: without a target only the stability of the answers was "
    "measured. Look at flagged rows before acting on them."
)
CATEGORIES_SHOWN, IMPORTANT_SHOWN = 8, 10
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&])")


def card(project: Project, run: Run, candidate: Candidate, *, reason: str) -> str:
    """The card of a candidate that is about to be approved. Names and texts of people are escaped: plain text."""
    reading = datasets.reading(project, run.plan.reading_id)
    version = datasets.version(project, run.plan.version_id)
    name = datasets.dataset(project, run.dataset_id).name
    recipe = results.recipe(project, candidate)
    shown = results.evaluation(project, candidate)
    parts = [
        _header(name, run, candidate),
        f"# {plain(name)}",
        f"{_what(run)} {plain(candidate.name)} of run "
        f"{run.number}, trained on {run.created_at[:10]}, approved by {plain(project.actor)}.",
        _section("Why it was approved", plain(reason.strip())),
        _section("Data", _data(name, version, reading, recipe, run)),
        *_waived(project, reading),
        _section("Scores", _scores(run, candidate, shown)),
        _section("Gates", _lines(_gate(g.passed, g.message) for g in runs.gate_results(project, candidate.id))),
        _section("Parity", _parity(results.certificate(project, candidate))),
        _section("Which columns matter", _important(shown)),
        _section("Inputs", _inputs(reading, recipe)),
        _section("How rows were divided", _division(recipe)),
        *_threshold(project, candidate),
        _section("Limits", _limits(run, recipe)),
    ]
    return "\n\n".join(parts) + "\n"


def _what(run: Run) -> str:
    if run.plan.task is Task.ANOMALY:
        return "Says which rows are **unlike the others**; no column is predicted."
    return f"Predicts **{plain(run.plan.target)}** ({TASK_WORDS[run.plan.task]})."


def plain(text: str) -> str:
    """Text of a person so that Markdown and HTML show it as it is: escaped, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _header(name: str, run: Run, candidate: Candidate) -> str:
    """YAML; strings are written as JSON, which YAML reads."""
    task = "tabular-classification" if run.plan.task.classifies else "tabular-regression"
    score = candidate.holdout.value if candidate.holdout else None
    return "\n".join(
        [
            "---",
            "library_name: onnx",
            f"pipeline_tag: {task}",
            "tags: [modelyard, tabular, onnx]",
            f"metrics: [{_yaml(run.plan.metric)}]",
            "model-index:",
            f"- name: {json.dumps(name)}",
            "  results:",
            f"  - task: {{type: {task}}}",
            f"    dataset: {{name: {json.dumps(name)}, type: tabular}}",
            f"    metrics: [{{type: {_yaml(run.plan.metric)}, value: {json.dumps(score)}, name: hold-out}}]",
            "---",
        ]
    )


def _yaml(metric: str) -> str:
    """A metric that carries a setting in its name is no plain word."""
    return metric if metric.isidentifier() else json.dumps(metric)


def _data(name: str, version: DataVersion, reading: Reading, recipe: Recipe, run: Run) -> str:
    lines = [
        f"Data set {plain(name)}, version {version.number}, reading {reading.number}: {version.rows:,} rows.",
        f"SHA-256 of the data: `{version.sha256}`.",
        f"Trained on {recipe.rows_fitted:,} rows.",
    ]
    if recipe.task is Task.ANOMALY:
        cut = json.loads(recipe.params)["cut"]
        lines.append(f"The score lies between 0 and 1, greater is more unusual; from {cut:.4g} on it is an anomaly.")
    if recipe.positive is not None:
        lines.append(f"The score is the probability of {plain(recipe.positive)}.")
    return _lines([*lines, *map(plain, run.notes)])


def _waived(project: Project, reading: Reading) -> list[str]:
    """Checks of the data that would have blocked training, and why somebody let it go ahead."""
    told = waivers(standing_findings(project, reading))
    return [_section("Checks that were waived", _lines(map(plain, told)))] if told else []


def _scores(run: Run, candidate: Candidate, shown: Evaluation) -> str:
    rows = [(METRIC_WORDS[name], figure(score), "hold-out") for name, score in shown.metrics]
    if candidate.cv:
        rows.append((METRIC_WORDS[run.plan.metric], figure(candidate.cv), "cross-validation"))
    dummy = run.dummy
    if dummy and dummy.holdout:
        rows.append((METRIC_WORDS[run.plan.metric], figure(dummy.holdout), "baseline, hold-out"))
    better = "Greater" if GREATER_IS_BETTER[run.plan.metric] else "Smaller"
    note = f"With 95 % intervals, on {shown.rows:,} rows held out. {better} {METRIC_WORDS[run.plan.metric]} is better."
    return f"{note}\n\n{_table(('metric', 'value', 'measured on'), rows)}"


def figure(score: Score) -> str:
    """A figure with its interval as it is written everywhere."""
    return f"{score.value:.4g} [{score.low:.4g}, {score.high:.4g}]"


def _gate(passed: bool, message: str) -> str:
    return f"{'passed' if passed else 'FAILED'}: {plain(message)}"


def _parity(proof: ParityCertificate) -> str:
    return (
        f"The exported model was compared with the trained one on {proof.rows:,} hold-out and {proof.probe_rows:,} "
        f"probe rows: {proof.differences_no_ties} labels differ, largest difference {proof.max_difference:.2g} "
        f"(allowed {proof.tolerance:g}). SHA-256 of the model: `{proof.onnx_sha256}`."
    )


def _important(shown: Evaluation) -> str:
    if not shown.importance:
        return "Not measured."
    first = shown.importance[:IMPORTANT_SHOWN]
    return _table(
        ("column", "how much worse without it"),
        [(plain(i.column), f"{i.mean:.3g} [{i.low:.3g}, {i.high:.3g}]") for i in first],
    )


def _inputs(reading: Reading, recipe: Recipe) -> str:
    """A row an input, with unit and description where a person gave one."""
    told = {column.name: column for column in reading.columns}
    rows = [(*_input(spec, told.get(spec.name)), _told(told.get(spec.name))) for spec in recipe.inputs]
    if any(note for *_, note in rows):
        return _table(("column", "type", "seen in training", "what it is"), rows)
    return _table(("column", "type", "seen in training"), [row[:3] for row in rows])


def _told(column: Column | None) -> str:
    if column is None:
        return ""
    said = (column.description, f"in {column.unit}" if column.unit else "", "personal data" if column.personal else "")
    return plain("; ".join(filter(None, said)))


def _input(spec: InputSpec, column: Column | None = None) -> tuple[str, str, str]:
    """Values of a column that is marked as personal data are not written down."""
    if column is not None and column.personal:
        return plain(spec.name), TYPE_WORDS[spec.type], "not shown"
    if spec.categories:
        more = len(spec.categories) - CATEGORIES_SHOWN
        seen = plain(", ".join(spec.categories[:CATEGORIES_SHOWN])) + (f" and {more} more" if more > 0 else "")
    elif spec.minimum is not None and spec.maximum is not None:
        seen = f"{_value(spec.type, spec.minimum)} to {_value(spec.type, spec.maximum)}"
    else:
        seen = "text" if spec.type.value == "text" else "nothing told apart"
    missing = f"; {spec.missing:,} missing" if spec.missing else ""
    return plain(spec.name), TYPE_WORDS[spec.type], seen + missing


def _value(type_: ColumnType, canonical: float) -> str:
    """A canonical value as people write it: dates are days since 1970, yes/no is 1/0."""
    if type_ is ColumnType.DATETIME:
        return str(date(1970, 1, 1) + timedelta(days=int(canonical // 1)))
    if type_ is ColumnType.BOOLEAN:
        return "yes" if canonical else "no"
    return f"{canonical:g}"


def _division(recipe: Recipe) -> str:
    rule = recipe.split
    forward = ", each scored by what was fitted on older ones" if rule.kind is SplitKind.TIME else ""
    return _lines(
        [
            plain(rule_words(rule)),
            f"Candidates were chosen by {rule.folds} folds of the other rows{forward}; the hold-out chose nothing.",
            *([plain(rule.note)] if rule.note else []),
        ]
    )


def _threshold(project: Project, candidate: Candidate) -> list[str]:
    """Nothing where the likeliest class is answered."""
    chosen = threshold_of(project, candidate.id)
    return [_section("Threshold", f"{plain(chosen.summary)} Chosen by {plain(chosen.actor)}.")] if chosen else []


def _limits(run: Run, recipe: Recipe) -> str:
    lines = [
        "The scores hold for rows like those in the data above; nothing is known of others.",
        "Values outside the ranges and categories under *Inputs* are answered, but were never seen in training.",
        UNJUDGED if run.plan.task is Task.ANOMALY else "What columns say about the target is not what causes it.",
    ]
    if recipe.rows_fitted < 1000:
        lines.append("Few rows: the intervals are wide and rare cases are hardly known.")
    if run.plan.task.classifies:
        mapped = "calibration" in json.loads(recipe.params)
        told = "are mapped by a sigmoid that was fitted on out-of-fold answers" if mapped else "were not calibrated"
        lines.append(f"Probabilities {told}{'' if mapped else ' separately'}.")
    return _lines(lines)


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
