"""What people say about columns: kept, undone, carried on, and never given away where it is personal."""

from __future__ import annotations

import msgspec

from app.approval.approve import approve
from app.approval.gates import summary
from app.bundles.build import build
from app.core.data import ColumnEdit, ColumnType, Use
from app.core.progress import Silent
from app.data.edit import edit_columns
from app.registry import datasets, runs
from app.runtime import model as models
from app.runtime.contract import Contract
from app.runtime.golden import load, replay

TABLE = "fee,age,city,gone\n" + "".join(
    f"{n % 90 + 0.5},{20 + n % 50},{'abc'[n % 3]},{'yes' if n % 50 > 20 else 'no'}\n" for n in range(400)
)


def told(project, reading, **says):
    return edit_columns(project, reading.id, [ColumnEdit("age", **says)], ctx=Silent())


def test_unit_description_and_mark_make_a_reading_of_the_same_table(data_project, drop):
    reading = drop(TABLE).reading
    made = told(data_project, reading, unit=" years ", description="Age at\nsigning", personal=True)
    column = made.column("age")
    assert (column.unit, column.description, column.personal) == ("years", "Age at signing", True)
    assert made.table_sha256 == reading.table_sha256
    assert told(data_project, made, unit="years") == made
    assert told(data_project, made, unit="").column("age").unit == ""


def test_what_was_said_goes_along_to_the_next_version_and_survives_a_change_of_type(data_project, drop):
    reading = drop(TABLE).reading
    told(data_project, reading, unit="years", personal=True)
    after = drop(TABLE + "1.5,33,a,no\n", "later.csv").reading
    assert (after.column("age").unit, after.column("age").personal) == ("years", True)
    retyped = edit_columns(data_project, after.id, [ColumnEdit("fee", type=ColumnType.TEXT)], ctx=Silent())
    assert (retyped.column("age").unit, retyped.column("age").personal) == ("years", True)


def test_what_was_said_is_in_the_history(data_project, drop):
    reading = drop(TABLE).reading
    made = told(data_project, reading, personal=True)
    assert datasets.current_reading(data_project, reading.version_id) == made
    from app.registry import audit

    entry = audit.entries(data_project, limit=1)[0]
    assert "age: personal data" in msgspec.json.encode(entry.payload).decode()


def trained(project, drop, **says):
    """A bundle of a model whose data a person said something about; its folder."""
    from dataclasses import replace

    from app.approval.check import train_and_check
    from app.training.plan import make_plan

    added = drop(TABLE, "gone.csv", target="gone")
    reading = told(project, added.reading, **says)
    plan = replace(make_plan(project, added.version, reading), families=("linear",))
    run = train_and_check(project, plan, Silent())
    version = approve(project, run.id, reason=summary(runs.gate_results(project, run.best.id)), ctx=Silent())
    card = project.objects.read(version.card_sha256).decode()
    return project.path / build(project, version.id, ctx=Silent()).path, card


def test_card_and_contract_carry_unit_and_description(data_project, drop):
    folder, card = trained(data_project, drop, unit="years", description="Age at signing")
    assert "Age at signing; in years" in card
    contract = msgspec.json.decode((folder / "contract.json").read_bytes(), type=Contract)
    field = next(f for f in contract.inputs if f.name == "age")
    assert (field.unit, field.description) == ("years", "Age at signing")
    assert len(load(folder / "golden.jsonl")) > 50


def test_rows_of_personal_data_stay_out_of_card_and_bundle(data_project, drop):
    folder, card = trained(data_project, drop, personal=True)
    assert "| age | whole number | not shown |" in card
    assert (folder / "golden.jsonl").read_bytes() == b""
    assert "withheld" in (folder / "README.md").read_text()
    assert json_of(folder / "card.json")["personal_data"] is True
    contract = msgspec.json.decode((folder / "contract.json").read_bytes(), type=Contract)
    assert replay(models.Model((folder / "model.onnx").read_bytes(), contract), []) == 0


def test_a_mark_made_after_training_counts_too(data_project, drop):
    folder, _ = trained(data_project, drop, unit="years")
    assert (folder / "golden.jsonl").read_bytes()
    version = datasets.find_version(data_project, "gone")[1]
    reading = datasets.current_reading(data_project, version.id)
    told(data_project, reading, personal=True)
    from app.registry import deploy
    from app.registry import models as registered

    model = registered.model_version(data_project, deploy.bundles(data_project)[0].model_version_id)
    again = data_project.path / build(data_project, model.id, ctx=Silent()).path
    assert (again / "golden.jsonl").read_bytes() == b""
    assert next(c for c in reading.columns if c.name == "age").use is Use.INPUT


def json_of(path):
    return msgspec.json.decode(path.read_bytes())
