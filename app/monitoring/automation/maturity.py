"""A project's MLOps level, read from what was recorded, never asked for (see ``app.core.maturity`` for the source)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from app.core.automations import Automation, RuleState, Step, When
from app.core.maturity import Criterion, Lead, Maturity
from app.core.models import Model, ModelVersion
from app.core.monitoring import Verdict
from app.core.releases import Live, Release, ReleaseKind
from app.monitoring.automation.due import stamp

if TYPE_CHECKING:
    from app.registry.project import Project

WATCHED_DAYS, RAN_DAYS = 31, 8
"""A look within a month, a rule within a week and a day: longer ago is no practice any more."""
CHALLENGER = "#challenger"
"""That part of a model version's page."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the criteria look at. ``live``: by model, the versions that answer somewhere."""

    project: Project
    live: dict[str, list[ModelVersion]]
    models: dict[str, Model]
    rules: list[Automation]
    places: list[Live]


def maturity(project: Project) -> Maturity:
    """The level with each criterion, and the lead times. Some milliseconds to some hundred; not for the window's
    thread."""
    seen = _seen(project)
    return Maturity(tuple(make(seen) for make in _CRITERIA), tuple(_lead(project, m) for m in seen.models.values()))


def _seen(project: Project) -> _Seen:
    from app.registry import automations, deploy, models, releases
    from app.serving.local import statuses

    places = releases.live_on(project)
    ids = {place.model_version_id for place in places}
    for status in statuses(project):
        if status.actual == "running":
            ids.add(deploy.bundle(project, status.service.bundle_id).model_version_id)
    live: dict[str, list[ModelVersion]] = {}
    for version in models.model_versions(project):
        if version.id in ids:
            live.setdefault(version.model_id, []).append(version)
    known = {model.id: model for model in models.models(project)}
    return _Seen(project, live, known, automations.automations(project), places)


def _is_live(seen: _Seen) -> Criterion:
    missing = "No model answers anywhere yet." if seen.models else "No model is approved yet."
    return Criterion(1, "live", "A model answers", "" if seen.live else missing, _to_live(seen))


def _to_live(seen: _Seen) -> str:
    """The page on which the first model gets live."""
    return "services" if seen.models else "data"


def _contract(seen: _Seen) -> Criterion:
    from app.registry import contracts, datasets

    without = [m for m in _live_models(seen) if contracts.contract_of(seen.project, m.dataset_id) is None]
    title = "New data are checked by a contract"
    if not seen.live:
        return Criterion(1, "contract", title, "There is no live model whose data could be checked.", _to_live(seen))
    named = [datasets.dataset(seen.project, m.dataset_id).name for m in without]
    missing = f"No contract for {_listed(named)}." if named else ""
    what = f"{datasets.newest_version(seen.project, without[0].dataset_id).id}#contract" if without else ""
    return Criterion(1, "contract", title, missing, "data", what)


def _watched(seen: _Seen) -> Criterion:
    from app.registry import monitoring

    since = stamp(seen.project.clock() - timedelta(days=WATCHED_DAYS))

    def looked(version: ModelVersion) -> bool:
        return any(kept.created_at >= since for kept in monitoring.reports(seen.project, version.id, limit=1))

    return _of_live(seen, "watched", "Live models are looked at", looked, "No look at {0} within a month.", "monitor")


def _labelled(seen: _Seen) -> Criterion:
    from app.registry import deploy, models, outcomes

    def known(version: ModelVersion) -> bool:
        versions = models.model_versions(seen.project, version.model_id)
        bundles = sorted({b.sha256 for v in versions for b in deploy.bundles(seen.project, v.id)})
        return outcomes.is_labelled(seen.project, bundles)

    missing = "Nobody said yet what really happened to predictions of {0}."
    return _of_live(seen, "labelled", "What really happened comes home", known, missing, "monitor")


def _triggered(seen: _Seen) -> Criterion:
    def renewed(version: ModelVersion) -> bool:
        return any(_is_on(rule) and _retrains(rule, version.model_name) for rule in seen.rules)

    missing = "No automation retrains {0} at a time, on new labels or after an alarm."
    made = _of_live(seen, "triggered", "Retraining starts by itself", renewed, missing, "automations", "add")
    lacking = [versions[0] for versions in seen.live.values() if not renewed(versions[0])]
    by_model = [[r.name for r in seen.rules if _is_paused(r) and _retrains(r, v.model_name)] for v in lacking]
    paused = [name for names in by_model for name in names]
    if not paused:
        return made
    what = "" if all(by_model) else made.what  # one without any rule needs a new one
    return replace(made, missing=f"{made.missing} {_listed(paused)}: paused.", what=what)


def _is_on(automation: Automation) -> bool:
    return automation.state is RuleState.ACTIVE


def _is_paused(automation: Automation) -> bool:
    return automation.state is RuleState.PAUSED


def _retrains(automation: Automation, model: str) -> bool:
    """By itself, once it is on."""
    rule = automation.rule
    return rule.trigger.when is not When.HAND and Step.RETRAIN in rule.steps and rule.model == model


def _retrained(seen: _Seen) -> Criterion:
    from app.registry import challenges

    def was(version: ModelVersion) -> bool:
        return bool(challenges.challenges(seen.project, version.model_id))

    missing = "{0} was never retrained on fresh data and compared."
    return _of_live(seen, "retrained", "Retrained models challenge the live one", was, missing, "models", CHALLENGER)


def _unattended(seen: _Seen) -> Criterion:
    from app.registry import automation_runs

    since = stamp(seen.project.clock() - timedelta(days=RAN_DAYS))
    ran = automation_runs.ran_since(seen.project, since)
    missing = "" if ran else f"No automation ran by itself in the last {RAN_DAYS} days."
    what = "" if seen.rules else "add"
    return Criterion(2, "unattended", "Automations run while nobody is there", missing, "automations", what)


def _staged(seen: _Seen) -> Criterion:
    """What is live in the last environment was live in another one before."""
    from app.registry import environments, releases

    every, order = releases.releases(seen.project), environments.environments(seen.project)
    last = [place for place in seen.places if place.environment.id == order[-1].id]
    skipped = [place.version for place in last if not _was_elsewhere(seen, place, every)]
    missing = ""
    if not last:
        missing = f"Nothing is live in {order[-1].name}."
    elif skipped:
        missing = f"{_listed(skipped)} went to {order[-1].name} without another environment before."
    return Criterion(2, "staged", "Versions go through environments", missing, "services", "environments")


def _was_elsewhere(seen: _Seen, place: Live, every: Iterable[Release]) -> bool:
    from app.registry import deploy

    ours = {bundle.id for bundle in deploy.bundles(seen.project, place.model_version_id)}
    return any(r.environment != place.environment.id and r.bundle_id in ours and r.at < place.since for r in every)


def _rehearsed(seen: _Seen) -> Criterion:
    from app.registry import challenges

    def was(version: ModelVersion) -> bool:
        made = challenges.challenges(seen.project, version.model_id)
        return any(challenges.newest_rehearsal(seen.project, one.id) is not None for one in made)

    missing = "No challenger of {0} was rehearsed on logged requests."
    return _of_live(seen, "rehearsed", "Challengers are rehearsed", was, missing, "models", CHALLENGER, level=2)


def _promoted(seen: _Seen) -> Criterion:
    from app.registry import automation_runs

    missing = "" if automation_runs.has_done(seen.project, Step.PROMOTE) else "No automation has promoted a model yet."
    what = "" if any(Step.PROMOTE in rule.rule.steps for rule in seen.rules) else "add"
    return Criterion(2, "promoted", "A better model goes live by itself", missing, "automations", what)


_CRITERIA: tuple[Callable[[_Seen], Criterion], ...] = (
    _is_live, _contract, _watched, _labelled, _triggered, _retrained, _unattended, _staged, _rehearsed, _promoted,
)  # fmt: skip


def _live_models(seen: _Seen) -> list[Model]:
    return [seen.models[id_] for id_ in seen.live]


def _of_live(
    seen: _Seen,
    name: str,
    title: str,
    holds: Callable[[ModelVersion], bool],
    missing: str,
    page: str,
    what: str = "",
    *,
    level: int = 1,
) -> Criterion:
    """A criterion that every live model has to meet, by its newest live version. ``missing``: with ``{0}`` for those
    that do not; ``what``: of the page, with ``#`` a part of the first such version's. Without a live model it leads
    where one gets live."""
    if not seen.live:
        return Criterion(level, name, title, "No model is live.", _to_live(seen))
    lacking = [versions[0] for versions in seen.live.values() if not holds(versions[0])]
    named = [version.label if page == "monitor" else version.model_name for version in lacking]
    words = missing.format(_listed(named)) if lacking else ""
    own = lacking[0].id if lacking else ""
    target = what or own
    if what.startswith("#"):
        target = f"{own}{what}" if own else ""
    return Criterion(level, name, title, words, page, target)


def _listed(names: Sequence[str]) -> str:
    """*a*, *a and b*, *a and 4 others*."""
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} others"


def _lead(project: Project, model: Model) -> Lead:
    from app.registry import datasets, deploy, models, releases

    versions = models.model_versions(project, model.id)
    bundles: dict[str, set[str]] = {version.id: set() for version in versions}
    for bundle in deploy.bundles(project):
        bundles.get(bundle.model_version_id, set()).add(bundle.id)
    answered_from = _answered_from(project, releases.releases(project, model_id=model.id))
    since = {v.number: min((at for id_, at in answered_from if id_ in bundles[v.id]), default="") for v in versions}
    lives = sorted(at for at in since.values() if at)
    first = datasets.first_version(project, model.dataset_id).created_at
    alarm, answered = _answered(project, versions, since)
    return Lead(model.name, first, lives[0] if lives else "", alarm, answered)


def _answered_from(project: Project, released: Sequence[Release]) -> list[tuple[str, str]]:
    """Since when bundles (their ids) answered: by a release, or a service that was started without one."""
    from app.registry import deploy, releases

    by_release = [(release.bundle_id, release.at) for release in released if release.kind is not ReleaseKind.RETIRE]
    started = [
        (service.bundle_id, service.created_at)
        for service in deploy.services(project)
        if releases.release_of_service(project, service.id) is None
    ]
    return [*by_release, *started]


def _answered(project: Project, versions: Sequence[ModelVersion], since: dict[int, str]) -> tuple[str, str]:
    """The newest version's first alarm that there is, and when a newer one went live after it; none that a later look
    took back before that."""
    from app.registry import monitoring

    for version in versions:
        newer = sorted(at for number, at in since.items() if number > version.number and at)
        alarm, answered = _lasting(monitoring.verdicts(project, version.id), newer)
        if alarm:
            return alarm, answered
    return "", ""


def _lasting(looks: Iterable[tuple[str, Verdict]], newer: Sequence[str]) -> tuple[str, str]:
    """The first alarm that a newer version (``newer``: since when they answer, ascending) came after before a look
    took it back, else the one that stands."""
    alarm = answered = ""
    for at, verdict in looks:
        if answered and answered <= at:
            break
        if verdict is Verdict.ACT and not alarm:
            alarm, answered = at, next((one for one in newer if one > at), "")
        elif verdict in (Verdict.OK, Verdict.WATCH):
            alarm = answered = ""
    return alarm, answered
