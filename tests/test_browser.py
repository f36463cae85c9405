"""The course in a real JupyterLab, as a learner meets it. A screenshot of each state is kept in test-artifacts/."""

import json
import os
import time

import pytest
from browser import ARTIFACTS, CHROMIUM
from browser_fixtures import accessible, answers, chromium, open_notebook, server
from conftest import ROOT
from PIL import Image, ImageStat

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip(
        "there is no Chromium: install it (Debian: apt install chromium), or set CHROMIUM", allow_module_level=True
    )

CHAPTERS = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))


def run_all_unfilled_in_both_themes_and_then_filled(open_notebook, server, chapter):
    """As a learner first sees it, and as it is when all is done."""
    learner = open_notebook(f"chapters/{chapter}.ipynb")
    learner.run_all(budget=0.02)
    assert learner.stderr_cells() == []
    cards = learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Not started")
    assert cards.count() >= 3
    assert learner.page.get_by_text("had been replaced").count() == 0
    for theme in ("light", "dark"):
        learner.wear(theme)
        assert accessible(learner) == []
        cards.first.scroll_into_view_if_needed()
        learner.picture(f"unfilled-{theme}")
    light, dark = (
        Image.open(ARTIFACTS / f"{chapter}-unfilled-{theme}.png").convert("L") for theme in ("light", "dark")
    )
    assert ImageStat.Stat(light).mean[0] > 150 > 100 > ImageStat.Stat(dark).mean[0], "each theme must really be worn"
    learner.fill_in(answers(chapter))
    learner.run_all()
    assert learner.stderr_cells() == []
    passed = learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Passed")
    exercises = len(json.loads(server.progress.read_text(encoding="utf-8"))["passed"])
    assert passed.count() == len(answers(chapter)) and exercises >= 3
    assert learner.page.get_by_text("had been replaced").count() == 0
    passed.first.scroll_into_view_if_needed()
    learner.picture("filled")


class TestHalfOfTheChapters:
    """A class is what goes to one worker: two halves can run side by side, each with a JupyterLab of its own."""

    @pytest.mark.parametrize("chapter", CHAPTERS[::2])
    def test_unfilled_and_filled(self, open_notebook, server, chapter):
        run_all_unfilled_in_both_themes_and_then_filled(open_notebook, server, chapter)


class TestTheOtherHalf:
    """The chapters in between, and a notebook that is saved and opened again."""

    @pytest.mark.parametrize("chapter", CHAPTERS[1::2])
    def test_unfilled_and_filled(self, open_notebook, server, chapter):
        run_all_unfilled_in_both_themes_and_then_filled(open_notebook, server, chapter)

    def test_saved_and_reloaded(self, open_notebook):
        learner = open_notebook("chapters/00_welcome.ipynb")
        learner.fill_in(answers("00_welcome"))
        learner.run_all()
        learner.save_and_reload()
        learner.page.locator(".jp-OutputArea-output [role=status]").filter(has_text="Passed").first.wait_for()
        pictures = learner.page.locator(".jp-OutputArea-output img")
        assert pictures.count() >= 3
        assert learner.page.evaluate(
            "[...document.querySelectorAll('.jp-OutputArea-output img')].every(i => i.naturalWidth > 0 && i.alt)"
        )
        learner.picture("reloaded")

    def test_screenshots_were_kept(self):
        assert len(list(ARTIFACTS.glob("*.png"))) >= 8
        assert max(path.stat().st_mtime for path in ARTIFACTS.glob("*.png")) > time.time() - 3_600
