"""Challenges, comparisons and rehearsals as JSON and in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.challenges import Challenge, ChallengeDecision, Comparison, Flagging, GroupChange, Pace, Rehearsal
    from app.core.runs import Score
    from app.registry.project import Project

MOST_LINES = 6


def challenge_body(project: Project, made: Challenge) -> dict[str, object]:
    """A challenge as JSON."""
    from app.data.lineage import label
    from app.monitoring.retraining.decide import why_not
    from app.registry import challenges, models, runs

    found, decided = challenges.comparison(project, made), challenges.decision_of(project, made.id)
    gates = runs.gate_results(project, made.candidate_id) if made.candidate_id else ()
    problem = why_not(project, made)
    return {
        "challenge": made.id,
        "model": models.model_version(project, made.champion_version_id).model_name,
        "champion": found.champion,
        "challenger": found.challenger or None,
        "run": made.run_id,
        "candidate": made.candidate_id,
        "data": label(project, made.data_version_id),
        "data_built": data_built(project, made.data_version_id),
        "created_at": made.created_at,
        **comparison_body(found),
        "gates": [{"name": g.name, "passed": g.passed, "message": g.message} for g in gates],
        "may_promote": not problem,
        "why_not": problem,
        "decision": decision_body(project, decided) if decided else None,
    }


def data_built(project: Project, version_id: str) -> str:
    """How rows were made of logged predictions, and which of these were left out; empty for other data."""
    from app.core.origins import OriginKind
    from app.registry import origins

    origin = origins.origin_of(project, version_id)
    if origin is None or origin.kind is not OriginKind.PREDICTIONS:
        return ""
    return f"Built from {', '.join(one.name for one in origin.inputs)} by {origin.query}."


def comparison_body(found: Comparison) -> dict[str, object]:
    """How two models compare, as JSON; the listed rows are left to the window's export."""
    return {
        "metric": found.metric,
        "rows": {
            "compared": found.rows, "unseen": found.unseen, "new": found.fresh, "left_out": found.left_out,
        },
        "champion_score": _score(found.champion_score),
        "challenger_score": _score(found.challenger_score),
        "difference": found.difference.value if found.difference else None,
        "interval": [found.difference.low, found.difference.high] if found.difference else None,
        "older": _score(found.older_difference),
        "better": found.standing.value,
        "changed": {"rows": found.changed, "right": found.right, "wrong": found.wrong, "from": found.moved},
        "flags": _flags(found.flags) if found.flags else None,
        "groups": [_group(group) for group in found.groups],
        "problem": found.problem,
    }  # fmt: skip


def _flags(told: Flagging) -> dict[str, object]:
    return {
        "champion": _score(told.champion), "challenger": _score(told.challenger), "both": told.both,
        "champion_alone": told.champion_alone, "challenger_alone": told.challenger_alone,
        "overlap": _score(told.overlap),
    }  # fmt: skip


def _group(group: GroupChange) -> dict[str, object]:
    counts = {"rows": group.rows, "changed": group.changed, "right": group.right, "wrong": group.wrong}
    return {"title": group.title, **counts, "gain": _score(group.gain), "small": group.small, "worse": group.worse}


def _score(score: Score | None) -> dict[str, float] | None:
    return {"value": score.value, "low": score.low, "high": score.high} if score else None


def decision_body(project: Project, decided: ChallengeDecision) -> dict[str, object]:
    """A decision as JSON."""
    from app.registry import models

    made = decided.model_version_id
    return {
        "decision": decided.decision.value,
        "reason": decided.reason,
        "actor": decided.actor,
        "at": decided.at,
        "model_version": models.model_version(project, made).label if made else None,
    }


def rehearsal_body(told: Rehearsal) -> dict[str, object]:
    """A rehearsal as JSON."""
    return {
        "asked": told.asked, "rows": told.rows, "from": told.first_at, "to": told.last_at, "changed": told.changed,
        "shift": told.shift, "champion_ms": _pace(told.champion_ms), "challenger_ms": _pace(told.challenger_ms),
        "logged_ms": _pace(told.logged_ms),
        "listed": [
            {"prediction": r.prediction_id, "at": r.at, "champion": r.champion, "challenger": r.challenger}
            for r in told.listed
        ],
    }  # fmt: skip


def _pace(pace: Pace) -> dict[str, float]:
    return {"p50": pace.median_ms, "p95": pace.p95_ms}


def comparison_lines(found: Comparison) -> list[str]:
    """How two models compare, in a few lines."""
    from app.core.challenges import sentence

    lines = [sentence(found)]
    if found.flags is not None:
        now, then = found.flags.challenger_alone, found.flags.champion_alone
        lines += [f"{found.changed:,} of {found.unseen:,} answers change: {now:,} are flagged now, {then:,} no longer."]
        return [*lines, "Without a target nothing says which of the two is right."]
    if older := found.older_difference:
        lines.append(
            f"   on {found.unseen - found.rows:,} older rows: {older.value:+.4g} [{older.low:.4g}, {older.high:.4g}]"
        )
    lines.append(
        f"{found.changed:,} of {found.unseen:,} decisions change: {found.right:,} to right, {found.wrong:,} to wrong."
    )
    return [*lines, *(_worse_line(found, group) for group in [g for g in found.groups if g.worse][:MOST_LINES])]


def _worse_line(found: Comparison, group: GroupChange) -> str:
    """By the loss: scores can be farther from the truth though every decision stays the same."""
    from app.core.metrics import METRIC_WORDS

    changed = f"{group.changed:,} of {group.rows:,} rows change"
    if group.changed or group.gain is None or not found.measure:
        return f"   worse where {group.title}: {changed}"
    rise = f"{METRIC_WORDS[found.measure]} rises by {-group.gain.value:.3g}"
    return f"   worse fit where {group.title}: {changed}, but {rise}"


def rehearsal_lines(told: Rehearsal) -> list[str]:
    """A rehearsal in two lines."""
    fast = f"{told.champion_ms.median_ms:.3g} ms a row, the challenger {told.challenger_ms.median_ms:.3g} ms"
    return [
        f"Rehearsed on the newest {told.rows:,} requests: {told.changed:,} would be answered differently.",
        f"   here the champion takes {fast}; the service took {told.logged_ms.median_ms:.3g} ms then.",
    ]
