"""The same fit gives the same bytes in a fresh process, whatever the hash seed and the threads."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib, importlib.util, json, sys
spec = importlib.util.spec_from_file_location("tables", sys.argv[1])
tables = importlib.util.module_from_spec(spec)
sys.modules["tables"] = tables
spec.loader.exec_module(tables)
from app.training.candidates import FAMILIES
quick = {"forest": {"trees": 20}, "boosting": {"iterations": 30}}
families = ("boosting", "linear", "kernel", "forest")
members = [{"family": f, "params": quick.get(f, {}), "weight": 0.25} for f in families]
quick["blend"] = {"members": json.dumps(members)}
found = {}
for name, make in tables.TABLES.items():
    table = make()
    for family in (*FAMILIES, "blend"):
        found[f"{name}/{family}"] = hashlib.sha256(table.export(table.fit(family, **quick.get(family, {})))).hexdigest()
print(json.dumps(found))
"""


def digests(hash_seed: str, threads: str) -> dict[str, str]:
    """Every family's file on every real table, made in a process of its own."""
    threading = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    environment = {**os.environ, **threading, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent / "conftest.py")]
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_bytes_are_the_same_under_other_hash_seeds_and_threads() -> None:
    first, second = digests("1", "1"), digests("4242", "2")
    assert len(first) == len(set(first.values())) == 32
    assert first == second


def test_bytes_tell_another_seed(table_named) -> None:
    table = table_named("cancer")
    one, same = table.export(table.fit("forest")), table.export(table.fit("forest"))
    model = table.fit("forest")
    model.estimator.set_params(random_state=1).fit(model._matrix(table.x), table.y == "malignant")
    assert hashlib.sha256(one).digest() == hashlib.sha256(same).digest() != hashlib.sha256(table.export(model)).digest()
