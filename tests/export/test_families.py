"""Every family on real tables: exported, opened by ONNX Runtime and proven on hold-out and probe rows."""

import json
import os

import onnx
import pytest

from app.export.onnx_model import OnnxModel
from app.training.candidates import FAMILIES

NAMES = ("cancer", "diabetes", "plane seats", *(("plane engines",) if os.environ.get("MODELYARD_LONG") else ()))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", NAMES)
def test_every_family_answers_alike_after_export(table_named, name, family) -> None:
    table = table_named(name)
    model = table.fit(family)
    certificate = table.prove(model, table.export(model))
    assert certificate.passed, certificate
    assert certificate.rows == len(table.y_out) and certificate.probe_rows > 50
    assert certificate.nan_count == 0 and certificate.max_difference < 1e-6


@pytest.mark.parametrize("kind", ["random", "extra"])
def test_both_kinds_of_forest_answer_alike(table_named, kind) -> None:
    table = table_named("plane engines")
    model = table.fit("forest", kind=kind, trees=20)
    assert table.prove(model, table.export(model)).passed


MEMBERS = [
    {"family": "boosting", "params": {"iterations": 30, "copies": 2, "features": 0.5}, "weight": 0.5},
    {"family": "linear", "params": {}, "weight": 0.25},
    {"family": "kernel", "params": {"centres": 50}, "weight": 0.125},
    {"family": "forest", "params": {"trees": 10}, "weight": 0.125},
]


@pytest.mark.parametrize("name", NAMES)
def test_an_average_answers_alike_in_one_graph(table_named, name) -> None:
    table = table_named(name)
    model = table.fit("blend", members=json.dumps(MEMBERS))
    file = table.export(model)
    assert len(model.members) == 5 and sum(weight for _, weight in model.members) == 1
    assert table.prove(model, file).passed
    encoders = [n for n in onnx.load_model_from_string(file).graph.node if n.op_type == "LabelEncoder"]
    seen = {n.SerializeToString(deterministic=True) for n in encoders}
    assert len(encoders) == len(seen), "members that look at a column alike share the node"


@pytest.mark.parametrize("family", ["linear", "boosting", "forest", "network", "kernel"])
def test_a_logarithm_of_the_target_answers_alike(table_named, family) -> None:
    table = table_named("diabetes")
    model = table.fit(family, target="log", smear=1.04)
    assert table.prove(model, table.export(model)).passed
    answers = model.predict(table.x_out)
    assert (answers > 0).all() and 100 < answers.mean() < 200


@pytest.mark.parametrize("loss", ["absolute_error", "quantile:0.9"])
def test_boosting_on_other_losses_answers_alike(table_named, loss) -> None:
    table = table_named("diabetes")
    model = table.fit("boosting", loss=loss, iterations=40)
    assert table.prove(model, table.export(model)).passed


@pytest.mark.parametrize("family", ["linear", "network", "kernel"])
@pytest.mark.parametrize("name", ["cancer", "plane seats"])
def test_columns_with_heavy_tails_drawn_together_answer_alike(table_named, name, family) -> None:
    table = table_named(name)
    model = table.fit(family, squash=1)
    assert table.prove(model, table.export(model)).passed
    assert name != "cancer" or model.columns.numbers.heavy


def test_balanced_weights_lift_the_rare_class(table_named) -> None:
    table = table_named("plane engines")
    shares = [(table.fit("linear", weights=w).predict_proba(table.x_out).mean(axis=0)) for w in ("", "balanced")]
    assert shares[1].min() > shares[0].min()


def test_the_model_answers_as_its_estimator_does(table_named) -> None:
    table = table_named("plane engines")
    for family, params in {"linear": {}, "forest": {"trees": 20}, "boosting": {"iterations": 20}}.items():
        model = table.fit(family, **params)
        own = model.estimator.predict(model._matrix(table.x_out))
        assert [model.classes_[i] for i in own] == model.predict(table.x_out).tolist()


def test_a_file_says_what_it_takes_and_gives(table_named) -> None:
    table = table_named("plane engines")
    model = onnx.load_model_from_string(table.export(table.fit("linear")))
    onnx.checker.check_model(model)
    texts = [spec.input for spec in table.inputs if spec.type in ("category", "text")]
    assert [i.name for i in model.graph.input] == [f"c{n}" for n in range(len(table.inputs))]
    assert [i.name for i in model.graph.input if i.type.tensor_type.elem_type == onnx.TensorProto.STRING] == texts
    assert [o.name for o in model.graph.output] == ["label", "probabilities"]
    opsets = [(o.domain, o.version) for o in model.opset_import]
    assert opsets == [("", 18), ("ai.onnx.ml", 3), ("com.microsoft", 1)]


def test_labels_are_texts_in_the_order_of_the_probabilities(table_named) -> None:
    table = table_named("cancer")
    model = table.fit("linear")
    labels, probabilities = OnnxModel(table.export(model)).predict(table.x_out)
    assert model.classes_ == ("benign", "malignant") and probabilities.shape == (len(table.y_out), 2)
    assert [model.classes_[i] for i in probabilities.argmax(axis=1)] == labels.tolist()
    assert (labels == table.y_out).mean() > 0.9


def test_one_row_alone_is_answered_as_among_many(table_named) -> None:
    table = table_named("plane engines")
    for family, params in {"linear": {}, "boosting": {"iterations": 20}}.items():
        model = OnnxModel(table.export(table.fit(family, **params)))
        together = model.predict(table.x_out)[1]
        for row in range(0, len(table.y_out), 97):
            alone = model.predict({name: values[row : row + 1] for name, values in table.x_out.items()})[1]
            assert abs(alone[0] - together[row]).max() < 1e-6
