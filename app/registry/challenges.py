"""Challengers, what was decided about them, and their rehearsals; comparisons and rehearsals are objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.challenges import Challenge, ChallengeDecision, Comparison, Decision, KeptRehearsal, Rehearsal
from app.core.ids import new_id
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit, models
from app.registry.rows import one
from app.registry.tables import challenge_decisions
from app.registry.tables import challenges as challenges_table
from app.registry.tables import rehearsals as rehearsals_table

if TYPE_CHECKING:
    from app.registry.project import Project

SHORTEST_ID = 4


def record_challenge(
    project: Project,
    *,
    champion_version_id: str,
    run_id: str,
    candidate_id: str | None,
    data_version_id: str,
    comparison: Comparison,
) -> Challenge:
    """Keep how a challenger did; audit entry ``challenge.made``. Raises ``NotFound``."""
    champion = models.model_version(project, champion_version_id)
    made = Challenge(
        new_id(), champion.model_id, champion.id, run_id, candidate_id, data_version_id,
        project.objects.put_json(comparison), project.now(),
    )  # fmt: skip
    with project.database.write("saving a challenge") as connection:
        row = {c.name: getattr(made, c.name) for c in challenges_table.columns}
        connection.execute(sa.insert(challenges_table).values(row))
        gap = comparison.difference
        audit.record(connection, project, "challenge.made", f"challenge:{made.id}", {
            "champion": champion.label, "challenger": comparison.challenger, "run_id": run_id,
            "candidate_id": candidate_id, "data_version_id": data_version_id, "metric": comparison.metric,
            "rows": comparison.rows, "unseen": comparison.unseen, "changed": comparison.changed,
            "better": comparison.standing.value, "difference": gap.value if gap else None,
            "problem": comparison.problem, "sha256": made.sha256,
        })  # fmt: skip
    return made


def challenges(project: Project, model_id: str | None = None) -> list[Challenge]:
    """Challenges, newest first; of one model if given."""
    query = sa.select(challenges_table).order_by(challenges_table.c.created_at.desc(), challenges_table.c.id.desc())
    if model_id is not None:
        query = query.where(challenges_table.c.model_id == model_id)
    with project.database.read() as connection:
        return [Challenge(**row._mapping) for row in connection.execute(query)]


def challenge(project: Project, challenge_id: str) -> Challenge:
    """One challenge. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = sa.select(challenges_table).where(challenges_table.c.id == challenge_id)
        return Challenge(**one(connection, query, f"challenge {challenge_id}")._mapping)


def find_challenge(project: Project, text: str) -> Challenge:
    """By its id or the end of it, or a model's newest by the model's name. Raises ``NotFound``."""
    every = challenges(project)
    named = {model.id: model.name for model in models.models(project)}
    found = [c for c in every if named[c.model_id] == text]
    if not found and len(text) >= SHORTEST_ID:
        found = [c for c in every if c.id.endswith(text) or c.id.startswith(text)]
    if not found:
        raise NotFound(f"There is no challenge {text}.", "Make one: modelyard retrain PROJECT MODEL")
    return found[0]


def comparison(project: Project, made: Challenge) -> Comparison:
    """How the two compare. CorruptObject if its bytes changed."""
    return project.objects.read_json(made.sha256, Comparison)


def record_decision(project: Project, challenge_id: str, decision: Decision, reason: str) -> ChallengeDecision:
    """Decide a challenge, once and for all; audit entry ``challenge.promoted`` or ``challenge.kept``. Inside a
    ``write`` of the caller's it is a part of that. Raises BadInput without a reason, NotAllowed if it was decided."""
    if not reason.strip():
        raise BadInput("A decision needs a reason.", "Say why the challenger is promoted, or why the champion is kept.")
    with project.database.write("deciding a challenge") as connection:
        about = challenge(project, challenge_id)
        before = decision_of(project, challenge_id)
        if before is not None:
            raise NotAllowed(f"This was decided already: {before.decision.value} by {before.actor}.", "Retrain again.")
        at = project.now()
        connection.execute(sa.insert(challenge_decisions).values(
            challenge_id=challenge_id, decision=decision.value, reason=reason.strip(), actor=project.actor, at=at,
        ))  # fmt: skip
        champion = models.model_version(project, about.champion_version_id).label
        audit.record(connection, project, f"challenge.{decision.value}", f"challenge:{challenge_id}", {
            "champion": champion, "reason": reason.strip(), "candidate_id": about.candidate_id,
        })  # fmt: skip
    found = decision_of(project, challenge_id)
    assert found is not None
    return found


def decision_of(project: Project, challenge_id: str) -> ChallengeDecision | None:
    """What was decided about a challenge; None if nothing was yet."""
    query = sa.select(challenge_decisions).where(challenge_decisions.c.challenge_id == challenge_id)
    with project.database.read() as connection:
        row = connection.execute(query).first()
    return _decision(project, row) if row is not None else None


def record_rehearsal(project: Project, challenge_id: str, rehearsal: Rehearsal) -> KeptRehearsal:
    """Keep a rehearsal; audit entry ``challenge.rehearsed``. Raises ``NotFound``."""
    about = challenge(project, challenge_id)
    made = KeptRehearsal(new_id(), about.id, project.objects.put_json(rehearsal), project.now())
    with project.database.write("saving a rehearsal") as connection:
        row = {c.name: getattr(made, c.name) for c in rehearsals_table.columns}
        connection.execute(sa.insert(rehearsals_table).values(row))
        audit.record(connection, project, "challenge.rehearsed", f"challenge:{about.id}", {
            "champion": models.model_version(project, about.champion_version_id).label, "rows": rehearsal.rows,
            "changed": rehearsal.changed, "champion_ms": rehearsal.champion_ms.median_ms,
            "challenger_ms": rehearsal.challenger_ms.median_ms, "sha256": made.sha256,
        })  # fmt: skip
    return made


def newest_rehearsal(project: Project, challenge_id: str) -> Rehearsal | None:
    """The last rehearsal of a challenger, None before the first one."""
    query = sa.select(rehearsals_table).where(rehearsals_table.c.challenge_id == challenge_id)
    query = query.order_by(rehearsals_table.c.created_at.desc(), rehearsals_table.c.id.desc()).limit(1)
    with project.database.read() as connection:
        row = connection.execute(query).first()
    return project.objects.read_json(row.sha256, Rehearsal) if row is not None else None


def _decision(project: Project, row: sa.Row[Any]) -> ChallengeDecision:
    decision = Decision(row.decision)
    version = None
    if decision is Decision.PROMOTED and (candidate := challenge(project, row.challenge_id).candidate_id):
        version = models.version_of_candidate(project, candidate)
    return ChallengeDecision(
        row.challenge_id, decision, row.reason, row.actor, row.at, version.id if version is not None else None
    )
