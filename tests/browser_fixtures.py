"""Fixtures for the browser tests: a server and a page for a module, a learner for a class or a notebook."""

import json
from contextlib import ExitStack, closing, contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import CHROMIUM, FLAGS, Learner, Server
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


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all chapters: each is opened in the JupyterLab that is there."""
    return new_page(chromium)


def new_page(chromium):
    return chromium.new_page(viewport={"width": 1280, "height": 900})


@contextmanager
def opened(page, server, notebook):
    """A learner who has opened a notebook; at the end it must not have caused errors or left the machine."""
    learner = Learner(page, server, notebook)
    yield learner
    learner.leave()
    assert learner.errors == []
    assert learner.outside == []


@pytest.fixture(scope="class")
def learner(request, page, server):
    """The one learner of a class of tests, which names its `chapter`."""
    with opened(page, server, f"chapters/{request.cls.chapter}.ipynb") as learner:
        yield learner


@pytest.fixture
def open_notebook(chromium, server):
    """Open a notebook in a page of its own: what a busy kernel leaves unanswered is reported late, and to the page."""
    with ExitStack() as stack:

        def opener(notebook):
            page = stack.enter_context(closing(new_page(chromium)))
            return stack.enter_context(opened(page, server, notebook))

        yield opener


def answers(chapter):
    """The solution's source of each exercise cell, by the cell's id."""
    cells = json.loads((ROOT / "solutions" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["source"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")}


# JupyterLab's body has no height, and its notebook scrolls: axe would take what lies outside of them for hidden.
# Editors and JupyterLab's own controls are most of the page, and none of the places below: they would only cost time.
UNCLIPPED = """
.jp-CodeCell .jp-Cell-inputWrapper, .jp-InputArea-editor, .jp-Toolbar, #jp-left-stack, #jp-right-stack,
#jp-top-panel, #jp-bottom-panel { display: none !important; }
body { height: 100vh !important; }
body, .lm-Widget, .jp-WindowedPanel-outer { overflow: visible !important; }
.jp-Cell { content-visibility: visible !important; }
.jp-WindowedPanel-viewport { background: var(--jp-layout-color0); }
"""


def accessible(learner):
    """Alt text, contrast, names of controls: axe finds nothing wrong in what we made, on the screen or off it."""
    rules = ["image-alt", "color-contrast", "button-name", "label", "svg-img-alt", "role-img-alt", "aria-valid-attr"]
    options = {"runOnly": {"type": "rule", "values": rules}, "resultTypes": ["violations"], "preload": False}
    style = learner.page.add_style_tag(content=UNCLIPPED)
    places = [[".jp-RenderedMarkdown"], [".jp-OutputArea-output"]]
    response = Axe().run(learner.page, context=places, options=options).response
    style.evaluate("element => element.remove()")
    assert "color-contrast" in {rule["id"] for rule in response["passes"]}, "axe must have seen our text"
    return [(v["id"], node["html"][:200]) for v in response["violations"] for node in v["nodes"]]
