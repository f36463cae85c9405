"""Derived files are what their sources make of them, and give nothing away."""

import json
import shutil
import subprocess
import sys

import experiments
import nbformat
import pytest
from conftest import ROOT
from learner_work import written_in

import chapters as deriving
import solutions as executing

SOURCES = sorted((ROOT / "solutions").glob("*.ipynb"))
EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def solution_lines(path):
    """The lines between solution markers, without those that say nothing on their own."""
    inside, found = False, []
    for cell in cells(path):
        for line in "".join(cell["source"]).splitlines():
            inside = ("BEGIN SOLUTION" in line) or (inside and "END SOLUTION" not in line)
            if inside and "SOLUTION" not in line and len(line.strip()) > 6:
                found.append(line.strip())
    return found


def test_every_chapter_has_a_source_and_every_source_a_chapter():
    assert SOURCES
    chapters = sorted(path.name for path in (ROOT / "chapters").glob("*.ipynb") if ".mine" not in path.name)
    assert [path.name for path in SOURCES] == chapters


@EACH
def test_chapter_is_byte_for_byte_what_is_derived(source):
    text = deriving.derive(source)
    assert text == deriving.derive(source), "deriving twice gives two results"
    assert (ROOT / "chapters" / source.name).read_text(encoding="utf-8") == text, "run `make chapters`"


@EACH
def test_ids_are_kept(source):
    kept = [cell["id"] for cell in cells(source) if "solution-only" not in cell["metadata"].get("tags", [])]
    assert [cell["id"] for cell in cells(ROOT / "chapters" / source.name)] == kept


@EACH
def test_nothing_leaks(source):
    chapter = ROOT / "chapters" / source.name
    text = chapter.read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text and "END SOLUTION" not in text
    exercise_cells = [c for c in cells(chapter) if c["metadata"].get("nbgrader", {}).get("solution")]
    assert len(exercise_cells) >= 3
    left = {line.strip() for cell in exercise_cells for line in "".join(cell["source"]).splitlines()}
    leaked = [line for line in solution_lines(source) if line in left]
    assert not leaked
    for cell in cells(chapter):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


@EACH
def test_solution_is_stored_executed_and_stripped(source):
    notebook = nbformat.read(source, as_version=4)
    assert "widgets" not in notebook.metadata
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code), "run `make solutions`"
    for cell in code:
        assert "execution" not in cell.metadata
        for output in cell.outputs:
            assert output.output_type != "error"
            assert executing.VIEW not in output.get("data", {})


@EACH
def test_cells_are_short(source):
    for cell in cells(source):
        if cell["cell_type"] == "code":
            lines = [line for line in "".join(cell["source"]).splitlines() if " SOLUTION" not in line]
            assert len(lines) <= 40, cell["id"]


def write_solution(folder, source_lines, solution=True):
    """A small solution notebook with one code cell."""
    metadata = {"schema_version": 3, "grade_id": "x", "solution": solution, "grade": False, "locked": False}
    cell = nbformat.v4.new_code_cell("\n".join(source_lines), id="the-cell", metadata={"nbgrader": metadata})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    folder.mkdir(exist_ok=True)
    executing.write(notebook, folder / "90_small.ipynb")
    return folder / "90_small.ipynb"


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([BEGIN, "x = 1"], "without an END SOLUTION"),
        (["x = 1", END], "without a BEGIN SOLUTION"),
        ([BEGIN, BEGIN, "x = 1", END, END], "inside another"),
    ],
)
def test_unpaired_markers_are_refused_by_name(tmp_path, lines, words):
    source = write_solution(tmp_path, lines)
    with pytest.raises(deriving.Refused, match=words) as refusal:
        deriving.derive(source)
    assert "90_small.ipynb" in str(refusal.value) and "the-cell" in str(refusal.value)


def test_make_chapters_never_overwrites_what_a_learner_wrote(tmp_path, monkeypatch):
    source = write_solution(tmp_path / "solutions", ["def f():", f"    {BEGIN}", "    return 41 + 1", f"    {END}"])
    options = ["--solutions", str(source.parent), "--chapters", str(tmp_path / "chapters")]
    monkeypatch.setattr(sys, "argv", ["chapters.py", *options])
    subprocess.run([sys.executable, ROOT / "tools" / "chapters.py", *options], check=True)
    chapter = tmp_path / "chapters" / source.name
    untouched = chapter.read_text(encoding="utf-8")
    assert "41" not in untouched

    mine = untouched.replace("# YOUR CODE HERE", "return 42  # mine")
    chapter.write_text(mine, encoding="utf-8")
    with pytest.raises(SystemExit, match=rf"{source.name} has been worked in"):
        deriving.main()
    assert chapter.read_text(encoding="utf-8") == mine

    chapter.write_text("{ cut off", encoding="utf-8")
    with pytest.raises(SystemExit, match="Nothing was written"):
        deriving.main()
    assert chapter.read_text(encoding="utf-8") == "{ cut off"

    # A chapter that nobody has touched follows its source.
    chapter.write_text(untouched, encoding="utf-8")
    write_solution(tmp_path / "solutions", ["def g():", f"    {BEGIN}", "    return 1", f"    {END}"])
    deriving.main()
    assert "def g" in chapter.read_text(encoding="utf-8")


def test_outputs_count_as_work(tmp_path):
    chapter = tmp_path / SOURCES[0].name
    shutil.copy(ROOT / "chapters" / SOURCES[0].name, chapter)
    assert not written_in(chapter)
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"]["version"] = "3.12"  # opening and saving alone does this
    chapter.write_text(json.dumps(notebook), encoding="utf-8")
    assert not written_in(chapter)
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["mine"]}]
    chapter.write_text(json.dumps(notebook), encoding="utf-8")
    assert written_in(chapter)


def test_records_are_as_new_as_their_code():
    assert not experiments.stale(), "run `make experiments`"


def test_every_record_belongs_to_an_experiment():
    known = {name for notebook in experiments.notebooks() for name in experiments.declared(notebook)}
    assert {path.stem for path in (ROOT / "drl_helpers" / "records").glob("*.json")} == known
