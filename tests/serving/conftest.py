"""A project in which everything from data to bundle is recorded, and logs as the runtime writes them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bundles.parts import Parts, assemble
from app.core.data import Column, ColumnType, ParseRecipe, Source, Use
from app.core.deploy import Bundle
from app.core.ids import new_id
from app.core.models import ModelVersion
from app.core.progress import Silent
from app.core.runs import Candidate, CandidateState, Plan, RunState, Score, Task
from app.registry import datasets, deploy, models, runs
from app.registry.project import Project
from app.runtime import ids
from app.runtime.contract import Contract, Field
from app.runtime.log import LogWriter
from app.runtime.logline import Line, Output
from app.serving import local

COLUMNS = (Column("age", ColumnType.NUMBER, Use.INPUT), Column("churned", ColumnType.BOOLEAN, Use.TARGET))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A project with one bundle of one approved model version."""

    project: Project
    version: ModelVersion
    bundle: Bundle
    data_sha256: str


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    with Project.create(tmp_path / "project", actor="Ada") as project:
        yield record_chain(project)


def record_chain(project: Project) -> Recorded:
    """Data, run, candidate, approval and bundle, each recorded as its own room does it."""
    put = project.objects.put_bytes
    data, table, profile = put(b"age,churned\n1,true\n"), put(b"table"), put(b"{}")
    new = datasets.NewVersion(
        None,
        "churn",
        (Source("churn.csv", data, 19),),
        data,
        1,
        None,
        ParseRecipe("csv"),
        COLUMNS,
        "true",
        table,
        profile,
        (),
    )
    dataset, version, reading = datasets.record_version(project, new)
    plan = Plan(version.id, reading.id, "churned", Task.BINARY, "roc_auc", "true", seed=7)
    run = runs.start_run(project, dataset.id, plan, put(b'{"python":"3.11"}'))
    score = Score(0.8, 0.7, 0.9)
    candidate = Candidate(
        new_id(),
        run.id,
        "Boosting",
        "boosting",
        CandidateState.PASSED,
        False,
        1.0,
        score,
        score,
        onnx_sha256=put(b"onnx"),
    )
    runs.record_candidate(project, candidate)
    runs.end_run(project, run.id, RunState.FINISHED)
    approved = models.record_approval(
        project, candidate_id=candidate.id, name="churn", dataset_id=dataset.id, reason="Good", card=put(b"# Card")
    )
    bundle = deploy.record_bundle(
        project, model_version_id=approved.id, sha256="ab" * 32, path="bundles/churn@1", size_bytes=10
    )
    return Recorded(project, approved, bundle, data)


@pytest.fixture
def answer_rows(recorded: Recorded) -> Callable[..., list[str]]:
    """Log ``count`` predictions into a folder as the server does; their ids."""

    def answer(folder: Path, count: int, bundle: str = recorded.bundle.sha256, close: bool = True) -> list[str]:
        writer = LogWriter(folder, f"sha256:{bundle}", "churn@1")
        made = [one_line(i, bundle, number) for number, i in enumerate(ids.new_ids(count))]
        writer.append(b"".join(encoded(made)), count)
        if close:
            writer.close()
        return [line.id for line in made]

    return answer


def one_line(prediction_id: str, bundle: str, age: float) -> Line:
    output = Output(label=True, score=0.75, probabilities={"true": 0.75, "false": 0.25})
    return Line(prediction_id, "2026-01-02T03:04:05.000006Z", f"sha256:{bundle}", "churn@1", {"age": age}, output, 0.5)


def encoded(lines: Sequence[Line]) -> list[bytes]:
    import msgspec

    return [msgspec.json.encode(line) + b"\n" for line in lines]


def adding_bundle(folder: Path, label: str, inputs: int) -> str:
    """A real bundle whose model answers ``inputs`` times the age; its id."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("Sum", ["c0"] * inputs, ["value"])],
        "adding",
        [helper.make_tensor_value_info("c0", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    fields = (
        Field("age", "number", "input", "c0", True, 0.0, 100.0),
        Field("name", "text", "identifier"),
        Field("churned", "number", "target"),
    )
    parts = Parts(
        contract=Contract(label, "regression", fields, "churned"),
        onnx=model.SerializeToString(deterministic=True),
        golden=b'{"row":{"age":21.0},"expected":{"value":%d.0}}\n' % (21 * inputs),
        parity=b'{"passed":true}',
        card=f"# {label}\n".encode(),
        facts={},
        about={"model": label},
    )
    folder.mkdir()
    return assemble(folder, parts).id


@pytest.fixture(scope="session")
def doubling_bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A real bundle whose model answers twice the age; its folder and id. Copy it: tests must not share logs."""
    folder = tmp_path_factory.mktemp("bundle") / "churn@1"
    return folder, adding_bundle(folder, "churn@1", 2)


@pytest.fixture
def served(recorded: Recorded, doubling_bundle: tuple[Path, str]) -> Iterator[Recorded]:
    """The recorded project with the doubling bundle in its place; services are stopped at the end."""
    source, digest = doubling_bundle
    project = recorded.project
    shutil.copytree(source, project.bundles_path / "churn@1-doubling")
    bundle = deploy.record_bundle(
        project,
        model_version_id=recorded.version.id,
        sha256=digest,
        path="bundles/churn@1-doubling",
        size_bytes=10,
    )
    yield Recorded(project, recorded.version, bundle, recorded.data_sha256)
    for status in local.statuses(project):
        local.stop(project, status.service.id, Silent())
