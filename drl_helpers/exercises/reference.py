"""The reference answer: the solution notebook's own cell, run away from the learner's names."""

import ast
import json
import linecache
import re
import sys
import types
from pathlib import Path
from typing import Any

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
_modules: dict[tuple[Path, int, str | None], types.ModuleType] = {}


class NoReference(Exception):
    """There is no reference to fall back on; the message says why."""


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The code cells of the notebook at `path`, as {"id", "grade_id", "source", "tags"}.

    Raises:
        NoReference: the file is missing, unreadable or no notebook.
    """
    if not path.is_file():
        raise NoReference(f"there is no {path.parent.name}/{path.name}")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            {
                "id": cell.get("id", ""),
                "grade_id": cell["metadata"].get("nbgrader", {}).get("grade_id"),
                "source": re.sub(r"^\s*[%!].*$", "", "".join(cell["source"]), flags=re.M),  # magics are no Python
                "tags": cell["metadata"].get("tags", []),
            }
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoReference(f"{path.parent.name}/{path.name} cannot be read ({type(error).__name__})") from error


def definitions(source: str) -> ast.Module:
    """Only what defines: imports, functions, classes, and constants in CAPITALS."""

    def defines(node):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            return True
        return isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) and t.id.isupper() for t in node.targets)

    tree = ast.parse(source)
    return ast.Module([node for node in tree.body if defines(node)], type_ignores=[])


def solution_namespace(notebook: str, until: str | None = None) -> dict[str, Any]:
    """The definitions of `solutions/<notebook>.ipynb`, executed; up to the cell with grade_id `until`.

    Raises:
        NoReference: no such notebook or cell, or its code does not run.
    """
    path = SOLUTIONS / f"{notebook}.ipynb"
    cells = code_cells(path)
    key = (path, path.stat().st_mtime_ns, until)
    if key not in _modules:
        _modules[key] = _run(path, cells, until)
    return vars(_modules[key])


def _run(path: Path, cells: list[dict], until: str | None) -> types.ModuleType:
    if until is not None and until not in [cell["grade_id"] for cell in cells]:
        raise NoReference(f"{path.parent.name}/{path.name} has no cell for '{until}'")
    module = types.ModuleType(f"solution_{path.stem}")
    sys.modules[module.__name__] = module  # dataclasses look their module up by name
    for cell in cells:
        filename = f"{path.name}#{cell['id']}"
        linecache.cache[filename] = (len(cell["source"]), None, cell["source"].splitlines(True), filename)
        try:
            exec(compile(definitions(cell["source"]), filename, "exec"), vars(module))
        except Exception as error:
            raise NoReference(f"a cell of {path.parent.name}/{path.name} does not run: {error}") from error
        if until is not None and cell["grade_id"] == until:
            break
    return module


def reference(notebook: str, exercise_id: str, name: str) -> Any:
    """The reference answer `name` to an exercise.

    Raises:
        NoReference: see `solution_namespace`, or the cell does not define `name`.
    """
    namespace = solution_namespace(notebook, until=exercise_id)
    if name not in namespace:
        raise NoReference(f"the cell '{exercise_id}' does not define `{name}`")
    return namespace[name]


def given_lines(notebook: str, exercise_id: str) -> list[str]:
    """The lines of an exercise's cell that learners are given, without indentation.

    Raises:
        NoReference: no such notebook or cell.
    """
    cells = code_cells(SOLUTIONS / f"{notebook}.ipynb")
    source = next((cell["source"] for cell in cells if cell["grade_id"] == exercise_id), None)
    if source is None:
        raise NoReference(f"solutions/{notebook}.ipynb has no cell for '{exercise_id}'")
    inside, found = False, []
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line or "END SOLUTION" in line:
            inside = "BEGIN SOLUTION" in line
        elif not inside:
            found.append(line.strip())
    return found
