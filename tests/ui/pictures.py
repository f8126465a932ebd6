"""Pictures of the real window: ``python tests/ui/pictures.py OUT_FOLDER [--only data,compare] [--data FILE]``.

Makes a project from the sample data (or from ``--data``) as a person does: drops the file, trains, approves, starts the
service, asks it something. Then every page is drawn in both themes at 1100 x 700 and 1440 x 900, the data page once for
each of its tabs: ``OUT_FOLDER/compare-dark-1440.png``, ``data.rows-light-1100.png``, ``empty.home-light-1100.png``.
``--only`` names pages; ``data`` brings all its tabs, ``empty`` the pages without a project, ``fresh`` the data just
dropped, ``running`` the run under way, ``result`` the data page's top, ``versions`` all tabs once more with the file of
``--then`` as the second version. The service is stopped at the end. A minute and a half for all, off screen.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtTest import QTest  # noqa: E402 -- runs without being installed
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.ui.data.data_page import DataPage  # noqa: E402
from app.ui.pages import PAGES  # noqa: E402
from app.ui.services.services_page import ServicesPage  # noqa: E402
from app.ui.settings import Settings  # noqa: E402
from app.ui.theme import Appearance, theme  # noqa: E402
from app.ui.window import MainWindow  # noqa: E402
from tests.ui.helpers import drop_files, visible_button, wait_until  # noqa: E402

SAMPLE = ROOT / "resources" / "sample" / "churn.csv"
SIZES = ((1100, 700), (1440, 900))
APPEARANCES = (Appearance.LIGHT, Appearance.DARK)
SETTLED_MS = 120
TABBED = frozenset({"data", "versions"})
"""Pictures of the data page's tabs: below a result they are out of sight until the page is scrolled."""
READ_MS = 500
"""A page asks beside the window; what it shows then is there within this time on a calm machine."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Draws what the window shows into a folder, once for each theme and size. ``only``: pages wanted; empty: all."""

    window: MainWindow
    folder: Path
    only: frozenset[str]

    def wants(self, name: str) -> bool:
        """Whether a picture, or any of a page's, was asked for."""
        return not self.only or name in self.only or name.split(".")[0] in self.only

    def take(self, name: str) -> None:
        """One picture a theme and size."""
        for appearance in APPEARANCES:
            theme().choose(appearance)
            for size in SIZES:
                self.window.resize(*size)
                QTest.qWait(SETTLED_MS)
                if name.split(".")[0] in TABBED:
                    _scroll_to_tabs(self.window)
                self.window.grab().save(str(self.folder / f"{name}-{appearance.value}-{size[0]}.png"))
        theme().choose(Appearance.LIGHT)


def main() -> None:
    """Walk the path and take the pictures on the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="pages, with commas between: home,data,empty,fresh,running")
    parser.add_argument("--seconds", type=float, default=20.0, help="for the training")
    parser.add_argument("--data", type=Path, default=SAMPLE)
    parser.add_argument("--then", type=Path, help="a file that becomes the second version: versions.columns and so on")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["modelyard"])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder  # what is shown names no folder of whoever takes the pictures
        window = _window(Path(folder))
        camera = Camera(window, args.out, frozenset(filter(None, args.only.split(","))))
        try:
            _walk(camera, _downloaded(args.data, Path(folder)), args.seconds)
            if args.then is not None and camera.wants("versions"):
                _second_version(camera, args.then)
        finally:
            _stop_services(window)
            window.session.shut()
            window.close()
    assert app is not None


def _downloaded(file: Path, home: Path) -> Path:
    """The file as a person has it: in ``~/Downloads``."""
    place = home / "Downloads" / file.name
    place.parent.mkdir()
    shutil.copy(file, place)
    return place


def _window(folder: Path) -> MainWindow:
    settings = Settings(folder / "config")
    settings.projects_folder = folder / "Modelyard"
    settings.set_actor("Ada Lovelace", "ada@example.org")
    window = MainWindow(None, settings)
    window.show()
    QTest.qWait(SETTLED_MS)
    return window


def _walk(camera: Camera, data: Path, seconds: float) -> None:
    if camera.wants("empty"):
        for entry in PAGES:
            _show(camera, entry.id, f"empty.{entry.id}")
    page = _dropped(camera.window, data)
    if camera.wants("fresh"):
        _show(camera, "data", "fresh.data")
    _trained(camera, page, seconds)
    camera.window.show_page("data")
    visible_button(camera.window, "model.approve").click()
    wait_until(lambda: page.view is not None and page.view.result and page.view.result.model, 60, "an approval")
    visible_button(camera.window, "service.start").click()
    wait_until(lambda: page.view is not None and page.view.result and page.view.result.service, 60, "a service")
    _asked(camera.window)
    for name in _shown(camera):
        camera.take(name)


def _dropped(window: MainWindow, data: Path) -> DataPage:
    drop_files(window, [data])
    page = window.page_named("data")
    assert isinstance(page, DataPage)
    wait_until(lambda: page.view is not None, 120, "data")
    QTest.qWait(READ_MS)
    return page


def _trained(camera: Camera, page: DataPage, seconds: float) -> None:
    page.bar.effort.choose(seconds)
    visible_button(camera.window, "run.train").click()
    wait_until(lambda: len(page.progress.candidates) > 1 or page.progress.job is None, 120, "two candidates")
    for id_ in ("data", "train"):
        if camera.wants("running"):
            _show(camera, id_, f"running.{id_}")
    wait_until(lambda: page.progress.job is None, 180, "the end of the run")
    QTest.qWait(READ_MS)


def _asked(window: MainWindow) -> None:
    """One prediction through the form, so that answers and traces are there to be seen."""
    window.show_page("services")
    page = window.page_named("services")
    assert isinstance(page, ServicesPage)
    wait_until(lambda: page.chosen is not None and page.panel._send.isEnabled(), 30, "the form")
    visible_button(window, "service.try").click()
    QTest.qWait(2 * READ_MS)


def _shown(camera: Camera) -> Iterator[str]:
    """The name of each picture once the window shows what belongs on it."""
    for entry in PAGES:
        if not camera.wants(entry.id):
            continue
        camera.window.show_page(entry.id)
        QTest.qWait(READ_MS)
        if entry.id == "data":
            yield "result"
            yield from _data_tabs(camera.window)
        else:
            yield entry.id


def _second_version(camera: Camera, file: Path) -> None:
    """Everything again with a list of versions: differences to look at, a contract that may be broken."""
    page = camera.window.page_named("data")
    assert isinstance(page, DataPage)
    camera.window.show_page("data")
    drop_files(camera.window, [file])
    wait_until(lambda: page.view is not None and page.view.version.number > 1, 120, "the second version")
    QTest.qWait(READ_MS)
    for name in _data_tabs(camera.window, "versions"):
        camera.take(name)


def _scroll_to_tabs(window: MainWindow) -> None:
    page = window.page_named("data")
    assert isinstance(page, DataPage)
    page.area.verticalScrollBar().setValue(page.tabs.y())
    QTest.qWait(SETTLED_MS)


def _data_tabs(window: MainWindow, prefix: str = "data") -> Iterator[str]:
    page = window.page_named("data")
    assert isinstance(page, DataPage)
    bar = page.tabs.tab_bar
    for at in range(bar.count()):
        bar.setCurrentIndex(at)
        QTest.qWait(READ_MS)
        yield f"{prefix}.{bar.tabText(at).replace('&', '').lower().split()[0]}"
    bar.setCurrentIndex(0)


def _show(camera: Camera, id_: str, name: str) -> None:
    camera.window.show_page(id_)
    QTest.qWait(READ_MS)
    camera.take(name)


def _stop_services(window: MainWindow) -> None:
    from app.core.progress import Silent
    from app.serving.local import statuses, stop

    project = window.session.project
    for status in statuses(project) if project is not None else ():
        assert project is not None
        stop(project, status.service.id, Silent())


if __name__ == "__main__":
    main()
