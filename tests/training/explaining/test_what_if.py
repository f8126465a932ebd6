"""Changed inputs are answered one after the other by the exported model; the newest question counts."""

import json
import queue
from dataclasses import replace

import numpy as np
import pytest

from app.core.explanations import Reasons
from app.core.progress import Silent
from app.errors import BadInput, JobCrashed
from app.training.explaining.explain import AskedRow, example_of, order_of, reasons_of
from app.training.explaining.what_if import WhatIf
from app.training.train import train

PATIENCE_S = 60


@pytest.fixture(scope="module")
def asked(training_project, write_csv, plan_of):
    random = np.random.default_rng(0)
    x = random.normal(size=300).round(3)
    plan = plan_of(write_csv("what_if", {"x": x, "kind": np.where(x > 1, "b", "a"), "y": 2 * x + 1}), "y")
    run = train(training_project, plan_families(plan), Silent())
    return training_project, run.best.id


def plan_families(plan):
    return replace(plan, families=("linear",))


def test_the_answer_moves_with_the_inputs_and_one_child_answers_all(asked):
    project, candidate_id = asked
    example = example_of(project, candidate_id, None, Silent())
    values = json.loads(example.inputs)
    assert set(values) == {"x", "kind"}
    answers = queue.Queue()
    talk = WhatIf(project, order_of(project, candidate_id), lambda question, found: answers.put((question, found)))
    try:
        heard = []
        for x in (0.0, 1.0):
            talk.ask(json.dumps({**values, "x": x}))
            question, found = answers.get(timeout=PATIENCE_S)
            assert json.loads(question)["x"] == x and isinstance(found, Reasons)
            heard.append(found)
        assert heard[1].output - heard[0].output == pytest.approx(2.0, abs=0.1)
        assert heard[1].base + sum(c.amount for c in heard[1].contributions) == pytest.approx(heard[1].output)
        talk.ask(json.dumps({**values, "x": "much"}))
        assert isinstance(answers.get(timeout=PATIENCE_S)[1], BadInput)
        talk.ask(example.inputs)
        again = answers.get(timeout=PATIENCE_S)[1]
        assert again.output == reasons_of(project, candidate_id, AskedRow(inputs=example.inputs), Silent()).output
    finally:
        talk.close()
    assert talk.join(PATIENCE_S)


def test_what_was_asked_while_a_child_died_is_asked_of_another_one(asked):
    project, candidate_id = asked
    answers = queue.Queue()

    def told(question, found):
        answers.put((question, found))
        if question == "{}":
            talk.ask('{"x": 1}')

    broken = replace(order_of(project, candidate_id), onnx_path="gone")
    talk = WhatIf(project, broken, told)
    talk.ask("{}")
    heard = [answers.get(timeout=PATIENCE_S) for _ in range(2)]
    talk.close()
    assert [question for question, _ in heard] == ["{}", '{"x": 1}']
    assert all(isinstance(found, JobCrashed) for _, found in heard)
    assert talk.join(PATIENCE_S)


def test_an_example_is_the_row_that_was_asked_for(asked):
    project, candidate_id = asked
    assert example_of(project, candidate_id, 7, Silent()).row == 7
