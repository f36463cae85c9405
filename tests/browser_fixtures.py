"""Fixtures for the browser tests: a server and a Chromium for a module, a learner for a notebook."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import CHROMIUM, FLAGS, NOTEBOOK, Learner, Server
from conftest import ROOT
from playwright import sync_api as playwright


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("lab"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium():
    assert CHROMIUM, "there is no Chromium: install it (Debian: apt install chromium), or set CHROMIUM"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(chromium, server):
    """Open a notebook of the course; afterwards it must not have caused errors or left the machine."""
    learners = []

    def opener(notebook):
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        learners.append(Learner(page, server, notebook))
        return learners[-1]

    yield opener
    for learner in learners:
        kernel = f"{NOTEBOOK}.sessionContext.shutdown()"
        learner.page.evaluate(f"() => {{ {kernel} }}")
        learner.page.close()
        assert learner.errors == []
        assert learner.outside == []


def answers(chapter):
    """The solution's source of each exercise cell, by the cell's id."""
    cells = json.loads((ROOT / "solutions" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["source"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")}


def accessible(learner):
    """Alt text, contrast, names of controls: axe finds nothing wrong in what we made."""
    rules = ["image-alt", "color-contrast", "button-name", "label", "svg-img-alt", "role-img-alt", "aria-valid-attr"]
    options = {"runOnly": {"type": "rule", "values": rules}, "resultTypes": ["violations"]}
    found = []
    for place in (".jp-RenderedMarkdown", ".jp-OutputArea-output"):
        response = Axe().run(learner.page, context=place, options=options).response
        found += [(v["id"], node["html"][:200]) for v in response["violations"] for node in v["nodes"]]
    return found
