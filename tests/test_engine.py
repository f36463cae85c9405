"""`check` as a learner meets it: what it looks up, what it returns, what its card says."""

import json
import os
import shutil

import numpy as np
import pytest
from notebook_double import RIGHT, STUB, WRONG

from drl_helpers.exercises import engine, progress_file, reference
from drl_helpers.exercises.cards import Card
from drl_helpers.exercises.compare import difference
from drl_helpers.exercises.spec import exercises


def works(function):
    """Whether the function it is does Q-learning's arithmetic."""
    table = np.array([[1.0, 2.0], [3.0, 4.0]])
    function(table, 0, 1, 1.0, 1, False, 0.5, 1.0)
    return table[0, 1] == 2 + 0.5 * (1 + 4 - 2)


def test_right_answer_passes_and_is_returned(notebook):
    notebook.run(RIGHT)
    mine = notebook.names["q_learning_update"]
    assert "Passed" in notebook.check()
    assert notebook.names["q_learning_update"] is mine
    assert "Passed" in notebook.check(), "the same check cell, run again"
    assert list(progress_file.passed()) == ["q-update"]
    assert engine.progress()["q-update"] and not engine.progress()["sarsa-update"]


def test_stub_gets_the_reference(notebook):
    notebook.run(STUB)
    card = notebook.check()
    assert "Not started" in card and "reference" in card
    assert works(notebook.names["q_learning_update"])


def test_wrong_answer_is_named_and_gets_the_reference(notebook):
    notebook.run(WRONG)
    card = notebook.check()
    assert "Not yet" in card and "you *left*, not the one you *reached*" in card
    assert "Called: `q_learning_update(" in card and "expected" in card
    assert works(notebook.names["q_learning_update"])
    assert progress_file.passed() == {}


def test_reference_never_passes_as_an_answer(notebook):
    notebook.run(WRONG)
    notebook.check()
    card = notebook.check()
    assert "Not yet" in card and "Run the exercise's cell again" in card
    assert progress_file.passed() == {}
    notebook.run(RIGHT)
    assert "Passed" in notebook.check()


def test_use_mine_returns_ones_own_version(notebook):
    notebook.run(WRONG)
    mine = notebook.names["q_learning_update"]
    notebook.check()
    assert notebook.names["q_learning_update"] is not mine
    card = notebook.check(use="mine")
    assert notebook.names["q_learning_update"] is mine and "your own version" in card


def test_never_run(notebook):
    assert "run the exercise's cell above" in notebook.check()
    assert works(notebook.names["q_learning_update"])


def test_misspelled_name(notebook):
    notebook.run(RIGHT.replace("def q_learning_update", "def q_learning_updat"))
    assert "`q_learning_updat`: is its name spelled" in notebook.check()


@pytest.mark.parametrize("before", ["", RIGHT, "checked"])
def test_syntax_error_gets_a_card_and_old_code_is_not_judged(notebook, before):
    if before == "checked":
        notebook.run(RIGHT)
        notebook.check()
    else:
        notebook.run(before)
    notebook.run(RIGHT.replace("- q_table[obs, action]\n", "- (q_table[obs, action]\n"))
    card = notebook.check()
    assert "Not yet" in card and "syntax error in line" in card


def test_exception_shows_the_learners_own_line(notebook):
    notebook.run(RIGHT.replace("q_table[next_obs].max()", "q_table[next_obs + 100].max()"))
    card = notebook.check()
    assert "IndexError" in card and "Your line 3" in card


def test_unknown_exercise_and_option(notebook):
    with pytest.raises(ValueError, match='Did you mean "q-update"'):
        engine.check("q-updat")
    with pytest.raises(ValueError, match='write use="mine"'):
        engine.check("q-update", use="yours")


def test_learners_names_do_not_reach_the_reference(notebook):
    notebook.run("np = None\ngreedy_action = 7\nmax = min\n" + STUB)
    notebook.check()
    assert works(notebook.names["q_learning_update"])


@pytest.mark.parametrize(("mode", "status"), [("strict", "passed"), ("not-started", "not started")])
def test_modes(notebook, monkeypatch, mode, status):
    monkeypatch.setenv("DRL_CHECK", mode)
    for source, of in ((RIGHT, "passed"), (STUB, "not started"), (WRONG, "not yet")):
        notebook.run(source)
        if of == status:
            notebook.check()
        else:
            with pytest.raises(engine.CheckFailed, match=status):
                notebook.check()
    assert progress_file.passed() == {}, "automatic runs are no progress"


def test_nbgrader_is_strict(notebook, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    notebook.run(WRONG)
    with pytest.raises(engine.CheckFailed):
        notebook.check()


@pytest.mark.parametrize("damage", ["missing", "unreadable", "no such cell", "does not run", "does not define"])
def test_without_a_reference_the_card_says_so(notebook, monkeypatch, tmp_path, damage):
    folder = tmp_path / "solutions"
    monkeypatch.setattr(reference, "SOLUTIONS", folder)
    if damage != "missing":
        shutil.copytree(reference.Path(reference.__file__).parents[2] / "solutions", folder)
        path = folder / "01_tabular_q_learning.ipynb"
        data = json.loads(path.read_text(encoding="utf-8"))
        cell = next(c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "q-update")
        if damage == "no such cell":
            data["cells"].remove(cell)
        elif damage == "does not run":
            cell["source"] = "def q_learning_update(:"
        elif damage == "does not define":
            cell["source"] = "x = 1"
        path.write_text("{" if damage == "unreadable" else json.dumps(data), encoding="utf-8")
    notebook.run(WRONG)
    mine = notebook.names["q_learning_update"]
    assert "no reference answer to go on with" in notebook.check()
    assert notebook.names["q_learning_update"] is mine


NUMBERS = (0.0, 1e-4, 1.0, 1.0 + 1e-7, 1.0 + 1e-5, -1.0, 1e12, 1e12 + 1, np.inf, -np.inf, np.nan)


@pytest.mark.parametrize("expected", NUMBERS)
def test_two_numbers_are_alike_where_numpy_says_so(expected):
    for got in NUMBERS:
        for tolerance in (0.0, 1e-3):
            alike = np.isclose(got, expected, rtol=1e-6, atol=tolerance, equal_nan=True)
            assert (difference(got, expected, tolerance) is None) == alike, (got, expected, tolerance)
            arrays = np.array([got, 1.0]), np.array([expected, 1.0])
            assert (difference(*arrays, tolerance) is None) == alike, (got, expected, tolerance)


def test_card_is_safe_and_readable():
    card = Card("not yet", "Exercise <1>", ["a `b < c` & d"], printed="<script>")
    page = card._repr_html_()
    assert "<script>" not in page and "<code>b &lt; c</code> &amp; d" in page and 'role="status"' in page
    assert "✘ Not yet · Exercise <1>" in str(card)


def test_no_side_effects_on_import():
    """Importing the engine prints nothing, writes nothing and does not bring torch in."""
    import subprocess
    import sys

    code = "import sys, drl_helpers.exercises; assert 'torch' not in sys.modules, 'torch was imported'"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""
    assert len(exercises()) == len({e.name for e in exercises().values()})
