"""Tables as they come: empty columns, huge values, no numbers, nothing to learn, hundreds of classes."""

import re

import numpy as np
import pytest

from app.core.data import ColumnType
from app.core.runs import Task
from app.errors import ParityFailed
from app.export.convert import convert
from app.export.onnx_model import OnnxModel
from app.runtime.canonical import words
from app.training.candidates import FAMILIES
from app.training.families import default_params, within_bounds

ROWS = 400
YES_NO = np.array(["yes", "no"] * (ROWS // 2), dtype=object)


def objects(values) -> np.ndarray:
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def column(kind: str) -> tuple[np.ndarray, ColumnType]:
    random = np.random.default_rng(3)
    return {
        "all missing": (np.full(ROWS, np.nan), ColumnType.NUMBER),
        "constant": (np.full(ROWS, 7.5), ColumnType.NUMBER),
        "huge": (random.normal(size=ROWS) * 1e30, ColumnType.NUMBER),
        "infinite": (np.where(random.random(ROWS) < 0.1, np.inf, 1.0), ColumnType.NUMBER),
        "tiny": (random.normal(size=ROWS) * 1e-40, ColumnType.NUMBER),
        "half missing": (np.where(random.random(ROWS) < 0.5, np.nan, random.normal(size=ROWS)), ColumnType.NUMBER),
        "one category": (objects(["x"] * ROWS), ColumnType.CATEGORY),
        "missing category": (objects([None] * ROWS), ColumnType.CATEGORY),
        "all different": (objects(str(i) for i in range(ROWS)), ColumnType.CATEGORY),
        "odd categories": (objects(["ü", "", " ", "a b"] * (ROWS // 4)), ColumnType.CATEGORY),
        "text": (objects(["the größe of Δt", "", "日本 語 the", "THE end. end"] * (ROWS // 4)), ColumnType.TEXT),
        "empty text": (objects(["", None] * (ROWS // 2)), ColumnType.TEXT),
        "no time": (np.full(ROWS, np.datetime64("NaT"), dtype="datetime64[us]"), ColumnType.DATETIME),
    }[kind]


KINDS = (
    *("all missing", "constant", "huge", "infinite", "tiny", "half missing", "one category", "missing category"),
    *("all different", "odd categories", "text", "empty text", "no time"),
)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_column_alone_is_no_trouble(make_table, kind, family) -> None:
    values, type_ = column(kind)
    table = make_table({"odd": values}, {"odd": type_}, YES_NO, Task.BINARY)
    model = table.fit(family)
    assert table.prove(model, table.export(model)).passed


@pytest.mark.parametrize("family", FAMILIES)
def test_all_odd_columns_together_are_no_trouble(make_table, family) -> None:
    made = {kind: column(kind) for kind in KINDS}
    raw, types = {k: v for k, (v, _) in made.items()}, {k: t for k, (_, t) in made.items()}
    for y, task in ((YES_NO, Task.BINARY), (np.linspace(-3, 4, ROWS), Task.REGRESSION)):
        table = make_table(raw, types, y, task)
        model = table.fit(family)
        assert table.prove(model, table.export(model)).passed


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("shift", "factor"), [(0.0, 1e9), (-1e7, 1.0), (0.0, 1e-9)])
def test_targets_of_any_scale_pass(table_named, make_table, family, shift, factor) -> None:
    table = table_named("diabetes")
    around_zero = (table.y - np.median(table.y)) * factor + shift  # small answers made of large terms
    raw = {spec.name: table.x[spec.input][:, 0].astype(np.float64) for spec in table.inputs}
    scaled = make_table(raw, {s.name: s.type for s in table.inputs}, around_zero, Task.REGRESSION)
    model = scaled.fit(family)
    assert scaled.prove(model, scaled.export(model)).passed
    if family != "dummy":
        spread = np.std(model.predict(scaled.x_out)) / factor
        assert spread > 10  # it did learn


def test_a_constant_target_is_answered_as_it_is(make_table) -> None:
    table = make_table({"n": np.arange(40.0)}, {"n": ColumnType.NUMBER}, np.full(40, 3.25), Task.REGRESSION)
    for family in FAMILIES:
        model = table.fit(family)
        assert OnnxModel(table.export(model)).predict(table.x_out)[0].tolist() == [3.25] * 10


def test_a_thousand_categories_are_told_apart(make_table) -> None:
    kinds = np.random.default_rng(0).integers(0, 1000, 8000)
    y = objects("yes" if kind % 2 else "no" for kind in kinds)
    table = make_table({"k": objects(map(str, kinds))}, {"k": ColumnType.CATEGORY}, y, Task.BINARY)
    model = table.fit("linear")
    assert (model.predict(table.x_out) == table.y_out).mean() > 0.95
    assert table.prove(model, table.export(model)).passed


def test_a_hundred_classes_keep_the_file_small(make_table) -> None:
    random = np.random.default_rng(0)
    y = objects(f"class {i % 100:02}" for i in range(1200))
    table = make_table({"n": random.normal(size=1200)}, {"n": ColumnType.NUMBER}, y, Task.MULTICLASS)
    for family in ("forest", "boosting"):
        params = within_bounds(family, default_params(family, Task.MULTICLASS, 50_000), 100)
        model = table.fit(family, **params)
        exported = table.export(model)
        assert len(exported) < 10_000_000 and table.prove(model, exported).passed


@pytest.mark.parametrize("least", [30, 200])
def test_classes_whose_trees_have_no_split_keep_their_base(make_table, least) -> None:
    random = np.random.default_rng(5)
    y = objects(["rare" if i % 40 == 1 else "abc"[i % 3] for i in range(ROWS)])
    table = make_table({"x": random.normal(size=ROWS)}, {"x": ColumnType.NUMBER}, y, Task.MULTICLASS)
    model = table.fit("boosting", least=least, iterations=5)
    assert table.prove(model, table.export(model)).passed


def test_a_failing_row_is_told_in_plain_figures(make_table) -> None:
    random = np.random.default_rng(6)
    raw = {"x": random.normal(size=ROWS).astype(np.float32), "shop": objects(["a", "b"] * (ROWS // 2))}
    table = make_table(raw, {"x": ColumnType.NUMBER, "shop": ColumnType.CATEGORY}, YES_NO, Task.BINARY)
    good, other = table.fit("linear"), table.fit("boosting")
    told = table.prove(good, table.export(other)).failing[0]
    assert re.search(r"x=-?\d+\.\d+, shop='[ab]'\)$", told), told


def test_a_model_that_never_saw_a_class_is_not_exported(table_named) -> None:
    table = table_named("cancer")
    with pytest.raises(ParityFailed, match="not trained on all classes"):
        convert(table.fit("tree"), table.inputs, table.task, ("benign", "malignant", "unclear"))


def test_words_in_other_writing_are_counted(make_table) -> None:
    texts = objects(["Straße ÜBER 日本", "straße unter 中国", "Straße, ÜBER 日本!", "nichts"] * 50)
    table = make_table({"t": texts}, {"t": ColumnType.TEXT}, YES_NO[:200], Task.BINARY)
    model = table.fit("linear")
    assert "straße über" in model.columns.words[0].terms and "日本" in model.columns.words[0].terms
    strange = {"c0": words(["日本 日本 ÜBER", "a\u00a0straße", "e\u0301 unter", ""])}
    given = OnnxModel(table.export(model)).predict(strange)[1]
    assert abs(given - model.predict_proba(strange)).max() < 1e-6


def test_a_target_beyond_float32_fails_and_its_certificate_can_be_kept(make_table) -> None:
    import msgspec

    from app.core.runs import ParityCertificate

    y = np.linspace(1e39, 5e39, 40)
    table = make_table({"n": np.arange(40.0)}, {"n": ColumnType.NUMBER}, y, Task.REGRESSION)
    model = table.fit("tree")
    certificate = table.prove(model, table.export(model))
    assert not certificate.passed
    assert msgspec.json.decode(msgspec.json.encode(certificate), type=ParityCertificate) == certificate
