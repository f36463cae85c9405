"""What every test shares: the course's folders, quiet progress, and the mutation report at the end."""

import os
from pathlib import Path

import pytest
from notebook_double import Notebook

from drl_helpers.exercises import engine

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    """No test touches the progress of whoever runs it."""
    monkeypatch.setenv("DRL_PROGRESS", str(tmp_path / "progress.json"))


@pytest.fixture
def notebook(monkeypatch):
    """A fresh notebook in teaching mode."""
    monkeypatch.delenv("DRL_CHECK", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(engine, "_references", [])
    monkeypatch.setattr(engine, "_attempts", {})
    return Notebook()


def pytest_collection_modifyitems(items):
    """The longest file first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_exercises.py")


def pytest_terminal_summary(terminalreporter):
    """Print the mutation report, whichever worker made it."""
    reports = [r for group in terminalreporter.stats.values() for r in group if hasattr(r, "user_properties")]
    lines = sorted({value for report in reports for key, value in report.user_properties if key == "mutants"})
    if lines:
        terminalreporter.section("mutation report: mutants of the reference answers")
        for line in lines:
            terminalreporter.write_line(line)
