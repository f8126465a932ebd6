"""The path through the window, step by step, each on a copy of the project as the step before left it."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.progress import Silent
from app.registry.project import Project
from app.serving import local
from tests.ui.window_process import ROOT, Shown, WindowProcess

SAMPLE = ROOT / "resources" / "sample" / "churn.csv"
ACTOR = "Ada"
FOLDER = "churn"


@dataclass(frozen=True)
class Step:
    """One click or drop of the path. ``done``: whether the window shows that it is over."""

    name: str
    begin: Callable[[WindowProcess], None]
    done: Callable[[Shown], object]
    serving: bool = False


def _drop_sample(window: WindowProcess) -> None:
    window.tell("drop", [str(SAMPLE)])


def _predict_sample(window: WindowProcess) -> None:
    window.tell("page", "services")
    window.wait_shown(lambda s: s["page"] == "page.services" and s["services"], what="the service")
    _drop_sample(window)


def _click(name: str) -> Callable[[WindowProcess], None]:
    return lambda window: window.tell("click", name)


def _scored(shown: Shown) -> object:
    return shown["run"] and not shown["training"]


STEPS = (
    Step("add", _drop_sample, lambda s: s["version"]),
    Step("train", _click("run.train"), _scored),
    Step("approve", _click("model.approve"), lambda s: s["model"]),
    Step("bundle", _click("bundle.export"), lambda s: s["bundle"]),
    Step("start", _click("service.start"), lambda s: s["url"]),
    Step("predict", _predict_sample, lambda s: s["predicted"], serving=True),
)
BY_NAME = {step.name: step for step in STEPS}


@dataclass
class Stages:
    """Projects as each step finds them, made by walking the path once. ``seconds``: what each step took."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    after: dict[str, Path] = field(default_factory=dict)

    def before(self, step: Step) -> Path | None:
        """The project that a step begins with; None where it begins with nothing."""
        at = STEPS.index(step)
        return None if at == 0 else self.walked(STEPS[at - 1])

    def walked(self, step: Step) -> Path:
        """The project after a step, and after a kill right then."""
        if step.name not in self.after:
            config = self.folder / f"walk-{step.name}"
            window = open_window(config, self.before(step))
            begun = time.monotonic()
            step.begin(window)
            self.seconds[step.name] = window.wait_shown(step.done, 180, step.name) - begun
            shown = window.shown
            window.kill()
            self.after[step.name] = Path(shown["project"])
            stop_services(self.after[step.name])
        return self.after[step.name]


def open_window(config: Path, project: Path | None) -> WindowProcess:
    """A window on a copy of a project that shows its data, or on nothing."""
    if project is None:
        window = WindowProcess(config)
        window.wait_shown(lambda s: s["page"] == "page.home", what="home")
        return window
    copy = config / "projects" / FOLDER
    copy_project(project, copy)
    return reopen(config, copy)


def reopen(config: Path, project: Path, *, has_data: bool = True) -> WindowProcess:
    """A window on a project, once it shows its data, or that it is open if it has none."""
    window = WindowProcess(config, project)
    window.wait_shown(lambda s: s["version"] if has_data else s["project"], what="the project")
    return window


def copy_project(source: Path, target: Path) -> None:
    """As a person would copy a closed project; first the write-ahead log of the killed window is folded in."""
    connection = sqlite3.connect(source / "modelyard.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copytree(source, target)


def start_service(project: Path) -> str:
    """Have the newest bundle answer; its address."""
    from app.registry import deploy

    with Project.open(project, actor=ACTOR) as opened:
        url = local.start(opened, deploy.bundles(opened)[0].id, ctx=Silent()).url
        assert url is not None
        return url


def stop_services(project: Path) -> None:
    """Stop everything that answers for a project."""
    with Project.open(project, actor=ACTOR) as opened:
        for status in local.statuses(opened):
            local.stop(opened, status.service.id, Silent())
