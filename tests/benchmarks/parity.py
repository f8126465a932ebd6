"""Every family of models on the real data sets of the training benchmark: is the exported ONNX model proven to answer
as the trained one, or refused in words? ``python tests/benchmarks/parity.py [--only Khan Rain]``. The SQL rule is left
out, as it is no ONNX model. Exit code 1 where one is neither. The sets are made by the peers' environment, as
``training.py`` does; ``--cache`` and ``--peers`` mean the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "peers"), str(Path(__file__).parent)]

from environment import peers_python  # noqa: E402 -- runs without being installed
from results import Results  # noqa: E402
from training import CACHED, FRESH, SETS, Bench  # noqa: E402

from app.approval.check import train_and_check  # noqa: E402
from app.core.progress import Silent  # noqa: E402
from app.core.runs import Candidate, CandidateState, ParityCertificate, Plan, Score  # noqa: E402
from app.data.intake import add  # noqa: E402
from app.registry.project import Project  # noqa: E402
from app.training.lineup import baselines  # noqa: E402
from app.training.order import CandidateOrder  # noqa: E402
from app.training.plan import make_plan  # noqa: E402
from app.training.search.search_orders import Survey  # noqa: E402
from app.training.search.spaces import portfolio  # noqa: E402

SECONDS = 120
QUICK_S = 0.1
"""A survey's time of a fit: nothing is made smaller to save time."""


def main() -> None:
    """Print a line for each model of each set, then how many there were of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*SETS, *FRESH], default=[*SETS, *FRESH], metavar="SET")
    parser.add_argument("--cache", type=Path, default=CACHED, help="of the peers and the sets (default: %(default)s)")
    parser.add_argument("--peers", type=Path, help="the folder of the peers' environment (default: in --cache)")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    python = peers_python((args.peers or args.cache / "environment").absolute())
    bench = Bench(python, (args.cache / "data").absolute(), Results((args.cache / "results").absolute()))
    told = [_told(name, one, refusal) for name in args.only for one, refusal in _candidates(bench.set(name, 0))]
    kinds = {kind: told.count(kind) for kind in ("proven", "refused", "neither")}
    print(", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    raise SystemExit(1 if kinds["neither"] else 0)


def _candidates(data: Path) -> list[tuple[Candidate, str]]:
    """One model of each name that a search begins with, and the baselines, on one set; with why it is refused."""
    info = json.loads((data / "info.json").read_text())
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "p", name="Benchmark", actor="Benchmark") as project,
    ):
        added = add(project, data / "train.parquet", target=info["target"], ctx=Silent())
        assert added.version and added.reading, added.findings
        plan = make_plan(project, added.version, added.reading, seconds=SECONDS)
        run = train_and_check(project, plan, Silent(), only=tuple(_orders(plan, info)))
        return [(one, _refusal(project, one)) for one in run.candidates if one.family != "sql"]


def _refusal(project: Project, one: Candidate) -> str:
    if one.state is not CandidateState.PARITY_FAILED or one.parity_sha256 is None:
        return one.note
    failing = project.objects.read_json(one.parity_sha256, ParityCertificate).failing
    return failing[0] if failing else one.note


def _orders(plan: Plan, info: dict[str, int | list[str]]) -> list[CandidateOrder]:
    rows, columns, labels = info["rows"], info["columns"], info["labels"]
    assert isinstance(rows, int) and isinstance(columns, int) and isinstance(labels, list)
    survey = Survey(
        rows=rows, features=columns, classes=len(labels), folds=5, categories=1, texts=0, fit_s=QUICK_S,
        log=not plan.task.classifies,
    )  # fmt: skip
    share, cv = 0.9, Score(0.5, 0.4, 0.6)  # scored already: the folds prove nothing here
    return [
        *baselines(),
        *(
            CandidateOrder(name, family, share, variant=json.dumps(settings, sort_keys=True), cv=cv, folds=5)
            for name, family, settings in portfolio(plan, survey)
        ),
    ]


def _told(name: str, one: Candidate, refusal: str) -> str:
    """The model's line is printed. Refused is what is not approvable and says why."""
    proven = one.state is CandidateState.PASSED and bool(one.parity_sha256)
    kind = "proven" if proven else "refused" if one.state is not CandidateState.PASSED and refusal else "neither"
    print(f"{name:<10} {one.name:<36} {kind:<8} {refusal}", flush=True)
    return kind


if __name__ == "__main__":
    main()
