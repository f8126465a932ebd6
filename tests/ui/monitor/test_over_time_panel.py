"""Windows that were asked for stay in sight until there is something newer to look at."""

from __future__ import annotations

from dataclasses import replace

from app.core.models import ModelVersion
from app.core.monitoring import Every, KeptReport, MonitorReport, OverTime, Performance, Verdict, Window, WindowScore
from app.ui.monitor.monitor_view import Look, MonitorView
from app.ui.monitor.over_time_panel import OverTimePanel

AT = "2026-03-03T09:00:00.000000Z"
TOLD = Performance("roc_auc", None, 0, None, None)
REPORT = MonitorReport("churn@1", Verdict.OK, "Still right.", Window(AT, AT, 400), None, TOLD, None)
KEPT = KeptReport("r1", "m1", Verdict.OK, "Still right.", AT, AT, 400, "", AT)
VIEW = MonitorView(ModelVersion("m1", "m", "churn", 1, "run1", "c1", "", AT), "left", True, (Look(KEPT, REPORT),))
SCORED = OverTime("churn@1", TOLD, (WindowScore(AT, AT, 200, 0, None), WindowScore(AT, AT, 200, 0, None)))


def test_a_refresh_leaves_the_windows_and_a_newer_look_does_not(qtbot) -> None:
    asked: list[tuple[Every, int]] = []
    panel = OverTimePanel(lambda every, rows: asked.append((every, rows)))
    qtbot.addWidget(panel)
    panel.show_view(VIEW)
    assert len(panel.chart._moments) == 1
    panel.windows.setCurrentIndex(1)
    panel.windows.activated.emit(1)
    panel.show_windows(SCORED)
    panel.show_view(replace(VIEW, live=False))
    assert (asked, panel.windows.currentIndex(), len(panel.chart._moments)) == ([(Every.DAY, 1)], 1, 2)
    newer = (Look(replace(KEPT, id="r2"), REPORT), *VIEW.looks)
    panel.show_view(replace(VIEW, looks=(*newer, *newer)))
    assert (panel.windows.currentIndex(), len(panel.chart._moments)) == (0, 4)
    panel.show_windows(SCORED)
    assert len(panel.chart._moments) == 4, "what was scored meanwhile is not shown as looks"
