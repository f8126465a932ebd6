"""How drift and performance read on screen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.core.monitoring import ColumnDrift, DriftTest, MonitorReport, Verdict
from app.monitoring.asked import alarms_a_year
from app.ui.words import count, figure, percent, when, with_ends

VERDICT_STATUS = {Verdict.OK: "ok", Verdict.WATCH: "warn", Verdict.ACT: "fail", Verdict.UNKNOWN: "info"}
VERDICT_WORDS = {
    Verdict.OK: "Still right",
    Verdict.WATCH: "Watch",
    Verdict.ACT: "Act",
    Verdict.UNKNOWN: "Unknown",
}
TEST_WORDS = {
    DriftTest.SHAPE: "Kolmogorov-Smirnov distance",
    DriftTest.SHARES: "Jensen-Shannon distance",
    DriftTest.MISSING: "change of the missing share (Cohen's h)",
}


def tr(text: str) -> str:
    """A text of this page in the person's language."""
    return QCoreApplication.translate("monitor", text)


def state_of(drift: ColumnDrift) -> str:
    """What became of a column, in a word or two."""
    if drift.alarm:
        return tr("Moved")
    return tr("Moved a little") if drift.moved else tr("As before")


def missing_words(drift: ColumnDrift) -> str:
    """The share of missing values then and now; empty where there are none."""
    if not drift.missing_then and not drift.missing_now:
        return ""
    return f"{percent(drift.missing_then)} → {percent(drift.missing_now)}"


def drift_tip(drift: ColumnDrift) -> str:
    """Everything about a column."""
    lines = [
        f"{tr(TEST_WORDS[drift.test])} {figure(drift.effect)}; "
        + tr("without drift up to {0} for so many rows").format(figure(drift.high))
    ]
    told = dict(drift.statistics)
    names = {"psi": "PSI", "wasserstein": "Wasserstein", "chi_square": "Chi-square"}
    lines += [f"{words} {figure(told[name])}" for name, words in names.items() if name in told]
    if drift.out_of_range:
        lines.append(tr("{0} values outside the range seen in training").format(count(drift.out_of_range)))
    for title, values in ((tr("New"), drift.appeared), (tr("Gone"), drift.vanished)):
        if values:
            lines.append(f"{title}: {', '.join(v.value for v in values)}")
    return "\n".join(lines)


def window_words(report: MonitorReport) -> str:
    """Which predictions were looked at."""
    window = report.window
    return tr("{0} predictions, {1} to {2}").format(count(window.rows), when(window.first_at), when(window.last_at))


def level_words(report: MonitorReport) -> str:
    """How often this setting alarms for nothing."""
    if report.drift is None:
        return ""
    level = report.drift.level
    return tr("{0} alarms a year by chance, looked at weekly").format(figure(alarms_a_year(level), 1))


def level_tip(report: MonitorReport) -> str:
    """What the setting means."""
    if report.drift is None:
        return ""
    return tr("A column moves in {0} of windows without any drift.").format(percent(report.drift.level))


def performance_lines(report: MonitorReport) -> list[tuple[str, str]]:
    """Titles and figures of the performance card, all of the report's metric."""
    told, expected = report.performance, report.estimate
    measured = with_ends(told.value) if told.value is not None else tr("too few")
    lines = [(tr("On {0} labels").format(count(told.labels)), measured)] if told.labels else []
    if told.approved is not None:
        lines.append((tr("At the approval"), with_ends(told.approved)))
    if told.limit is not None:
        lines.append((tr("Limit"), figure(told.limit)))
    if expected is not None:
        where = tr("on these labels") if expected.on_window else tr("on the hold-out")
        lines.append((tr("Estimate"), figure(expected.value)))
        lines.append((tr("Past error"), f"{figure(expected.past_error)} {where}"))
    return lines


def verdict_word(verdict: Verdict) -> str:
    """The verdict in a word or two."""
    return tr(VERDICT_WORDS[verdict])
