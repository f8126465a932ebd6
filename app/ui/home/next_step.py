"""What comes next for each data set on its way to a live model: a pure rule over the overview."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.runs import Run, RunState
from app.ui.home.overview import DataState, Overview
from app.ui.home.todo import Todo, Tr


def next_steps(overview: Overview, tr: Tr) -> list[Todo]:
    """At most one a data set."""
    if not overview.data:
        text = tr("This project has no data yet. Drop a file anywhere in this window.")
        return [Todo("info", text, tr("Go to data"), "data")]
    firsts = (next(_of(state, overview, tr), None) for state in overview.data)
    return [todo for todo in firsts if todo is not None]


def _of(state: DataState, overview: Overview, tr: Tr) -> Iterator[Todo]:
    """What holds, the first of which counts."""
    name, version, run = state.dataset.name, state.version, state.run
    if run is not None and run.state is RunState.RUNNING:
        text = tr("Run {0} on {1} is under way.").format(run.number, name)
        yield Todo("running", text, tr("Watch"), "data", version.id)
    if state.blocked:
        yield Todo("fail", f"{name}: {state.blocked}", tr("Look at the data"), "data", version.id)
    if run is None and state.reading.target is None:
        text = tr("{0}: choose what should be predicted, or look for unusual rows.").format(name)
        yield Todo("info", text, tr("Go to data"), "data", version.id)
    if run is None or run.plan.version_id != version.id or (run.state is RunState.CANCELLED and run.best is None):
        text = tr("{0} version {1} is ready to be trained on.").format(name, version.number)
        yield Todo("info", text, tr("Go to data"), "data", version.id)
    elif run.state is not RunState.INTERRUPTED and run.id not in overview.challenging:
        yield from _result(state, run, tr)
    yield from _model(state, overview, tr)


def _result(state: DataState, run: Run, tr: Tr) -> Iterator[Todo]:
    """A run that nobody has answered. What challenges a model is decided about as a challenger."""
    name, version = state.dataset.name, state.version
    if run.state is RunState.FAILED:
        text = tr("Run {0} on {1} failed. {2}").format(run.number, name, run.reason).strip()
        yield Todo("fail", text, tr("Look"), "train")
    elif run.best is None:
        text = tr("Run {0} on {1} found nothing to approve. {2}").format(run.number, name, run.reason).strip()
        yield Todo("warn", text, tr("Look at the result"), "data", version.id)
    elif state.model is None or state.model.run_id != run.id:
        waits = tr("Run {0} on {1} waits for approval.")
        text = (tr("Run {0} on {1} cannot be approved.") if state.why_not else waits).format(run.number, name)
        yield Todo("warn", f"{text} {state.why_not}".strip(), tr("Look at the result"), "data", version.id)


def _model(state: DataState, overview: Overview, tr: Tr) -> Iterator[Todo]:
    """The newest version never answered anywhere; one that was stopped or taken back was meant to be."""
    model = state.model
    if model is None or model.id in overview.released:
        return
    if not any(service.model_version == model.label for service in overview.services):
        text = tr("{0} is approved and answers nowhere yet.").format(model.label)
        yield Todo("info", text, tr("Start it"), "models", model.id)
