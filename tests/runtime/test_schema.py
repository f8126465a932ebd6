"""Requests made from a service's own schema, good and bad ones: no 5xx, and every answer as the schema declares it.

200 cases; ``MODELYARD_LONG=1`` makes it 6,000.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.runtime.service import Service

CASES = 6_000 if os.environ.get("MODELYARD_LONG") == "1" else 200
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


def is_beyond_a_schema(problem: dict[str, object]) -> bool:
    """Whether a good request may be refused for this: as many ids as rows, and a finite answer."""
    found = problem.get("problems") or [{"code": problem["code"]}]
    return {one["code"] for one in found} <= {"ids", "no_finite_answer"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
def test_no_request_made_from_the_schema_gets_a_fault(
    served: Service, session: requests.Session, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(json.loads(served.ask("GET", "/openapi.json")[2]))
    operations = [found.ok() for found in schema.get_all_operations()]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for operation in operations])
    url, done = f"http://127.0.0.1:{served.port}", []

    @seed(20_260_101)
    @settings(
        max_examples=CASES // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case: schemathesis.Case) -> None:
        response = case.call(base_url=url, session=session, timeout=30)
        done.append(response.status_code)
        if mode is GenerationMode.POSITIVE and case.media_type == "application/json" and response.status_code >= 400:
            assert is_beyond_a_schema(response.json()), response.text
        case.validate_response(response, checks=CHECKS)

    ask()
    print(f"{len(done)} requests: {dict(Counter(done))}")
    assert len(done) >= CASES // 2
    assert 200 in done and 422 in done
    assert served.process.poll() is None
    assert "Traceback" not in served.errors.read_text()
