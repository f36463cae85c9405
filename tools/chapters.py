"""Derive chapters/ from solutions/: `make chapters`. Never overwrites what a learner has written.

All that is taken away is taken away by nbgrader's ClearSolutions and by nbconvert's ClearOutput and
TagRemove. What is ours: a clear refusal, and a fingerprint in each chapter by which to tell whether
somebody has worked in it.
"""

import argparse
import json
import sys
from pathlib import Path

from learner_work import fingerprint, written_in
from nbconvert.exporters import NotebookExporter
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
STUB = (
    '# YOUR CODE HERE\nraise NotImplementedError("write your answer here, then run this cell and the check below it")'
)


class Refused(Exception):
    """A chapter cannot be derived, or must not be overwritten; the message says why."""


def exporter() -> NotebookExporter:
    """nbconvert's exporter from notebook to notebook, with the well-kept preprocessors that we need."""
    config = Config()
    config.NotebookExporter.preprocessors = [
        "nbconvert.preprocessors.TagRemovePreprocessor",
        "nbgrader.preprocessors.ClearSolutions",
        "nbconvert.preprocessors.ClearOutputPreprocessor",
    ]
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearOutputPreprocessor.enabled = True
    return NotebookExporter(config=config)


def check_markers(notebook: dict, name: str) -> None:
    """Raises Refused, naming notebook and cell, where solution markers do not pair up."""
    for cell in notebook["cells"]:
        where, inside = f"{name}, cell {cell['id']}", False
        for line in "".join(cell["source"]).splitlines():
            if "BEGIN SOLUTION" in line:
                if inside:
                    raise Refused(f"{where}: BEGIN SOLUTION stands inside another solution")
                inside = True
            elif "END SOLUTION" in line:
                if not inside:
                    raise Refused(f"{where}: END SOLUTION without a BEGIN SOLUTION before it")
                inside = False
        if inside:
            raise Refused(f"{where}: BEGIN SOLUTION without an END SOLUTION after it")


def derive(source: Path) -> str:
    """The chapter that belongs to the solution at `source`, as text.

    Raises:
        Refused: the solution markers do not pair up, or a marked cell is no solution cell.
    """
    try:
        check_markers(json.loads(source.read_text(encoding="utf-8")), source.name)
        text, _ = exporter().from_filename(str(source))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{source.name}: {error}") from error
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
    notebook["metadata"] = {key: notebook["metadata"][key] for key in ("kernelspec", "language_info")}
    notebook["metadata"]["language_info"] = {"name": "python"}
    notebook["metadata"]["derived"] = fingerprint(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Derive every chapter; refuse as a whole, before anything is written, when one must be kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solutions", type=Path, default=ROOT / "solutions")
    parser.add_argument("--chapters", type=Path, default=ROOT / "chapters")
    options = parser.parse_args()
    sources = sorted(options.solutions.glob("*.ipynb"))
    if not sources:
        sys.exit(f"Nothing was written. There is no notebook in {options.solutions}.")
    try:
        texts = {options.chapters / source.name: derive(source) for source in sources}
        for target in texts:
            if target.exists() and written_in(target):
                raise Refused(f"{target} has been worked in; rename it, or restore it with git, and try again")
    except Refused as error:
        sys.exit(f"Nothing was written. {error}.")
    options.chapters.mkdir(parents=True, exist_ok=True)
    for target, text in texts.items():
        target.write_text(text, encoding="utf-8")
    print(f"{len(texts)} chapter{'s' if len(texts) != 1 else ''} derived.")


if __name__ == "__main__":
    main()
