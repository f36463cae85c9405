"""A class graded with nbgrader: release, six submissions, autograding, scores."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from drl_helpers.exercises.spec import exercises

ASSIGNMENT, CHAPTER = "week1", "00_welcome"
NAMES = {e.id: e.name for e in exercises().values() if e.notebook == CHAPTER}

REDEFINES_CHECK = """
def check(exercise_id, use=None):
    print("passed", exercise_id)
from IPython import get_ipython
"""
PATCHES_THE_ENGINE = """
import os
os.environ["NBGRADER_EXECUTION"] = ""
os.environ["DRL_CHECK"] = "teach"
import drl_helpers.exercises as package
from drl_helpers.exercises import engine, judge, sandbox, spec
def passed(*args, **kwargs):
    return judge.Verdict("passed")
engine.judge = judge.judge = passed
engine.mode = lambda: "teach"
engine.check.__code__ = (lambda exercise_id, use=None: None).__code__
engine.CheckFailed.__init__ = None
sandbox.restore_libraries = lambda *args: ()
sandbox._pristine.clear()
for exercise in spec.exercises().values():
    object.__setattr__(exercise, "cases", ())
"""


def environment():
    """The environment variables of an instructor with the course's .venv activated."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    variables = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": path}
    variables.pop("DRL_CHECK", None)
    return variables


def run(folder, *arguments):
    """`nbgrader …` in a course folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder with the assignment generated."""
    folder = tmp_path_factory.mktemp("class")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "source" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{CHAPTER}.ipynb", folder / "source" / ASSIGNMENT)
    run(folder, "generate_assignment", ASSIGNMENT)
    return folder


def answers():
    """The solution's cells: grade_id → source."""
    cells = json.loads((ROOT / "solutions" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))["cells"]
    marked = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in cells}
    return {name: marked[name] for name in NAMES}


def hand_in(course, student, change):
    """Submit the released notebook after `change(cells by grade_id)`."""
    notebook = json.loads((course / "release" / ASSIGNMENT / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))
    marked = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook["cells"]}
    change(marked)
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{CHAPTER}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def wrong(name):
    return f"def {name}(*args):\n    return 0\n"


def fill(*ids):
    def change(cells):
        for exercise_id in ids:
            cells[exercise_id]["source"] = answers()[exercise_id]

    return change


def redefine_check(cells):
    for exercise_id, name in NAMES.items():
        cells[exercise_id]["source"] = wrong(name) + REDEFINES_CHECK


def edit_the_checks(cells):
    for exercise_id, name in NAMES.items():
        cells[exercise_id]["source"] = wrong(name)
        cells[f"check-{exercise_id}"]["source"] = "print('passed')"
    cells["setup"]["source"] += "\ncheck = print"


def patch_the_engine(cells):
    for exercise_id, name in NAMES.items():
        cells[exercise_id]["source"] = wrong(name) + PATCHES_THE_ENGINE


SUBMISSIONS = {
    "perfect": (fill(*NAMES), 5),
    "half": (fill("run-episode"), 2),
    "blank": (fill(), 0),
    "redefines": (redefine_check, 0),
    "edits": (edit_the_checks, 0),
    "patches": (patch_the_engine, 0),
}


def test_release_is_what_learners_get(course):
    text = (course / "release" / ASSIGNMENT / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    chapter = json.loads((ROOT / "chapters" / f"{CHAPTER}.ipynb").read_text(encoding="utf-8"))
    assert [c["source"] for c in json.loads(text)["cells"]] == [c["source"] for c in chapter["cells"]]
    assert "SOLUTION" not in text


def test_scores(course):
    for student, (change, _) in SUBMISSIONS.items():
        hand_in(course, student, change)
    run(course, "autograde", ASSIGNMENT)
    code = "from nbgrader.api import Gradebook\nimport json\n"
    code += "with Gradebook('sqlite:///gradebook.db') as book:\n"
    code += "    print(json.dumps({s.student.id: (s.score, s.max_score, s.needs_manual_grade)"
    code += f" for s in book.assignment_submissions('{ASSIGNMENT}')}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=course, env=environment(), capture_output=True, text=True)
    scores = json.loads(done.stdout)
    assert scores == {student: [points, 5, False] for student, (_, points) in SUBMISSIONS.items()}


def test_every_exercise_carries_points():
    for source in sorted(Path(ROOT / "solutions").glob("*.ipynb")):
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        found = [c["metadata"]["nbgrader"] for c in cells if "nbgrader" in c["metadata"]]
        marked = {metadata["grade_id"]: metadata for metadata in found}
        for exercise in (e for e in exercises().values() if e.notebook == source.stem):
            assert marked[exercise.id]["solution"] and not marked[exercise.id]["grade"]
            check = marked[f"check-{exercise.id}"]
            assert check["grade"] and check["locked"] and check["points"] > 0
        assert marked["setup"]["locked"]
