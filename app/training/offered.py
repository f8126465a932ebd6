"""Which metrics every candidate is scored by, and which are offered to choose by."""

from __future__ import annotations

from app.core.runs import Task

ALWAYS_SHOWN = {
    Task.BINARY: ("roc_auc", "log_loss", "accuracy"),
    Task.MULTICLASS: ("log_loss", "accuracy"),
    Task.REGRESSION: ("rmse", "mae", "r2"),
    Task.ANOMALY: ("flagged",),
}
"""What every candidate is scored by, beside the plan's metric."""
METRICS = {
    Task.BINARY: (*ALWAYS_SHOWN[Task.BINARY], "average_precision", "balanced_accuracy", "macro_f1"),
    Task.MULTICLASS: (*ALWAYS_SHOWN[Task.MULTICLASS], "balanced_accuracy", "macro_f1"),
    Task.REGRESSION: (*ALWAYS_SHOWN[Task.REGRESSION], "mape", "pinball:0.1", "pinball:0.5", "pinball:0.9"),
    Task.ANOMALY: ("stability:0.01", "stability:0.02", "stability:0.05", "stability:0.1"),
}
"""What is offered to choose by; any other quantile or share, and costs of mistakes, are understood as well."""
