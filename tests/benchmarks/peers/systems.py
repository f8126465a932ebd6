"""The peers, each as its own handbook says: ``python systems.py JOB.json`` fits one and answers the unseen rows."""

from __future__ import annotations

import logging
import pickle
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from job import THREADS, TIMED_ROWS, Job, median_ms

FLAML_METRIC = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "rmse"}
GLUON_METRIC = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "root_mean_squared_error"}
FLAML_TREES = ("lgbm", "rf", "xgboost", "extra_tree", "xgb_limitdepth")
SCORING = {"roc_auc": "roc_auc", "log_loss": "neg_log_loss", "rmse": "neg_root_mean_squared_error"}
LARGE_ROWS, FOLDS = 20_000, 5
REFIT_SHARE = 0.8
"""Of the seconds that Optuna searches; the rest is for the fit on all rows."""


@dataclass(frozen=True)
class Fitted:
    """``answer``: a table of inputs -> values or probabilities in the order of ``classes``."""

    answer: Callable[[pd.DataFrame], np.ndarray]
    size_bytes: int
    classes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Rows:
    """Training rows with texts as pandas categories."""

    x: pd.DataFrame
    y: pd.Series

    @property
    def texts(self) -> list[str]:
        """Columns of categories."""
        return [c for c in self.x if isinstance(self.x[c].dtype, pd.CategoricalDtype)]

    @property
    def figures(self) -> list[str]:
        """All other columns."""
        return [c for c in self.x if c not in self.texts]

    def like(self, table: pd.DataFrame) -> pd.DataFrame:
        """Other rows with the same categories; a text that no training row has is missing."""
        return table.assign(**{c: table[c].astype(self.x[c].dtype) for c in self.texts})


def rows_of(table: pd.DataFrame, target: str) -> Rows:
    """As read from the set's file."""
    x = table.drop(columns=target)
    texts = [c for c in x if not pd.api.types.is_numeric_dtype(x[c])]
    return Rows(x.assign(**{c: x[c].astype("category") for c in texts}), table[target])


def flaml(job: Job, rows: Rows) -> Fitted:
    """Its default estimators as ``FLAML[automl]`` installs them: CatBoost is there for AutoGluon alone (with it FLAML
    took 187 s of 15 on the largest set)."""
    from flaml import AutoML

    search = AutoML()
    kind = "regression" if job.task == "regression" else "classification"
    search.fit(
        rows.x, rows.y, task=kind, metric=FLAML_METRIC[job.metric], time_budget=job.seconds, n_jobs=THREADS,
        seed=job.seed, verbose=0, estimator_list=[*FLAML_TREES, *(["lrl1"] if kind == "classification" else [])],
    )  # fmt: skip
    return _estimator(job, search, str(search.best_estimator))


def autogluon(job: Job, rows: Rows) -> Fitted:
    """Its default preset (medium quality): what it recommends for budgets as short as these."""
    from autogluon.tabular import TabularPredictor

    folder = Path(job.out) / "gluon"
    predictor = TabularPredictor(
        job.target, problem_type=job.task, eval_metric=GLUON_METRIC[job.metric], path=str(folder), verbosity=0
    )
    predictor.fit(rows.x.assign(**{job.target: rows.y}), time_limit=job.seconds, num_cpus=THREADS)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if job.task == "regression":
        return Fitted(lambda x: predictor.predict(x).to_numpy(), size, note=predictor.model_best)
    classes = tuple(map(str, predictor.class_labels))
    return Fitted(lambda x: predictor.predict_proba(x).to_numpy(), size, classes, predictor.model_best)


def optuna(job: Job, rows: Rows) -> Fitted:
    """Histogram gradient boosting tuned by TPE, scored by five folds or, for large tables, one part held out.

    Two trials at a time with one OpenMP thread each (see ``training.py``): on busy cores two threads take many times
    as long for small fits.
    """
    import optuna as tuning
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit, cross_val_score

    tuning.logging.set_verbosity(tuning.logging.ERROR)
    one_part = (ShuffleSplit if job.task == "regression" else StratifiedShuffleSplit)(1, test_size=0.2, random_state=0)
    folds = one_part if len(rows.x) > LARGE_ROWS else FOLDS

    def score(trial: tuning.Trial) -> float:
        model = _boosting(job, _suggested(trial))
        return float(cross_val_score(model, rows.x, rows.y, scoring=SCORING[job.metric], cv=folds).mean())

    study = tuning.create_study(direction="maximize", sampler=tuning.samplers.TPESampler(seed=job.seed))
    study.enqueue_trial({})
    study.optimize(score, timeout=REFIT_SHARE * job.seconds, n_jobs=THREADS)
    return _estimator(job, _boosting(job, study.best_params).fit(rows.x, rows.y), f"{len(study.trials)} trials")


def _suggested(trial) -> dict[str, float | int]:  # type: ignore[no-untyped-def]
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "max_iter": trial.suggest_int("max_iter", 30, 500, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 4, 127, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 2, 100, log=True),
        "l2_regularization": trial.suggest_float("l2_regularization", 1e-6, 10, log=True),
        "max_features": trial.suggest_float("max_features", 0.3, 1.0),
    }


def _boosting(job: Job, params: dict[str, float | int]):  # type: ignore[no-untyped-def]
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if job.task == "regression" else HistGradientBoostingClassifier
    return kind(random_state=job.seed, categorical_features="from_dtype", **params)


def lightgbm(job: Job, rows: Rows) -> Fitted:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if job.task == "regression" else LGBMClassifier
    return _estimator(job, kind(n_jobs=THREADS, random_state=job.seed, verbose=-1).fit(rows.x, rows.y))


def linear(job: Job, rows: Rows) -> Fitted:
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    shaped = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), rows.figures), (texts, rows.texts)
    )
    model = Ridge() if job.task == "regression" else LogisticRegression(max_iter=300)
    plain = rows.x.astype(dict.fromkeys(rows.texts, object))
    fitted = make_pipeline(shaped, model).fit(plain, rows.y)
    told = _estimator(job, fitted)
    return Fitted(lambda x: told.answer(x.astype(dict.fromkeys(rows.texts, object))), told.size_bytes, told.classes)


def dummy(job: Job, rows: Rows) -> Fitted:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    kind = DummyRegressor() if job.task == "regression" else DummyClassifier(strategy="prior")
    return _estimator(job, kind.fit(rows.x, rows.y))


def _estimator(job: Job, model, note: str = "") -> Fitted:  # type: ignore[no-untyped-def]
    size = len(pickle.dumps(getattr(model, "model", None) or model))
    if job.task == "regression":
        return Fitted(lambda x: np.asarray(model.predict(x), np.float64).ravel(), size, note=note)
    return Fitted(model.predict_proba, size, tuple(map(str, model.classes_)), note)


SYSTEMS = {"FLAML": flaml, "AutoGluon": autogluon, "Optuna": optuna, "LightGBM": lightgbm, "linear": linear}
SYSTEMS["dummy"] = dummy
IMPORTED = {"FLAML": "flaml", "AutoGluon": "autogluon.tabular", "Optuna": "optuna", "LightGBM": "lightgbm"}


def run(job: Job) -> None:
    """Fit within the job's seconds, then answer. What is imported and read before does not count."""
    __import__(IMPORTED.get(job.system, "sklearn.ensemble"))
    rows = rows_of(pd.read_parquet(Path(job.data) / "train.parquet"), job.target)
    test = rows.like(pd.read_parquet(Path(job.data) / "test.parquet"))
    begun = time.perf_counter()
    fitted = SYSTEMS[job.system](job, rows)
    fit_s = time.perf_counter() - begun
    predicted = fitted.answer(test)
    few = pd.concat([test] * (TIMED_ROWS // len(test) + 1)).head(TIMED_ROWS)
    ms = median_ms(lambda: fitted.answer(few))
    job.answer(in_order(job, fitted, predicted), fit_s, ms, fitted.size_bytes, fitted.note)


def in_order(job: Job, fitted: Fitted, predicted: np.ndarray) -> np.ndarray:
    """Columns as the job orders its labels; 0 for a class that the system left out."""
    if job.task == "regression":
        return predicted
    ordered = np.zeros((len(predicted), len(job.labels)))
    for place, label in enumerate(fitted.classes):
        ordered[:, job.labels.index(label)] = predicted[:, place]
    return ordered


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    run(Job.read(sys.argv[1]))
