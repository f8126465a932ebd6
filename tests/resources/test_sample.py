"""The sample table is what its generator makes, byte for byte."""

from __future__ import annotations

import csv
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


def test_generator_makes_the_committed_bytes_in_a_fresh_process(tmp_path):
    made = tmp_path / "churn.csv"
    command = [sys.executable, "-I", str(SAMPLE / "make_churn.py"), str(made)]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "7"})
    assert made.read_bytes() == (SAMPLE / "churn.csv").read_bytes()


def test_another_seed_makes_other_bytes():
    table = runpy.run_path(str(SAMPLE / "make_churn.py"))["table"]
    assert table(rows=50, seed=1) != table(rows=50, seed=2)


@pytest.fixture(scope="module")
def rows():
    with (SAMPLE / "churn.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sample_shows_what_the_data_page_is_for(rows):
    assert len(rows) == 5000
    assert len({r["customer_id"] for r in rows}) == 5000
    assert {z for r in rows if (z := r["zip"]).startswith("0")} == {"01067", "04109"}
    assert 0.02 < sum(r["monthly_fee"] == "" for r in rows) / 5000 < 0.06
    assert 0.35 < sum(r["churned"] == "yes" for r in rows) / 5000 < 0.5


def test_licence_and_origin_stand_beside_the_sample():
    assert "CC0 1.0" in (SAMPLE / "LICENSE").read_text()
    assert "synthetic" in (SAMPLE / "README.md").read_text()
