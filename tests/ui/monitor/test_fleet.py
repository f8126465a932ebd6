"""All models with their environments: what is live there, what was said of it, when it was asked and labelled last."""

from __future__ import annotations

from pathlib import Path

from app.core.monitoring import Verdict
from app.core.releases import DEFAULT_ENVIRONMENTS, ReleaseKind
from app.registry import releases
from app.registry.project import Project
from app.ui.monitor.fleet_view import fleet
from tests.registry.conftest import STORY as story


def approved(project: Project, name: str):
    run = story.start(project, *story.add(project, name, name=name))
    version = story.approve(project, run, story.fit(project, run))
    return version, story.bundle(project, version)


def test_each_model_stands_in_each_environment_that_it_is_live_in(tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", actor="Ada") as project:
        approved(project, "alone")
        version, bundle = approved(project, "churn")
        for environment in DEFAULT_ENVIRONMENTS[1:]:
            releases.record_release(
                project, environment_id=environment.id, model_id=version.model_id, bundle_id=bundle.id,
                service_id=None, kind=ReleaseKind.PROMOTE, reason="Better.",
            )  # fmt: skip
        asked = story.collect(project, bundle.sha256, 4)
        label = story.label(project, [(asked[0], "true")])
        story.report(project, version)
        alone, production, staging = fleet(project)
    assert (alone.model, alone.environment, alone.look, alone.last_label) == ("alone", "", None, "")
    assert (production.environment, staging.environment) == ("production", "staging")
    for row in (production, staging):
        assert (row.version.label, row.asked, row.last_label) == ("churn@1", 4, label.created_at)
        assert row.look is not None
        assert row.look.verdict is Verdict.OK
