"""Run the solutions in place and strip what is volatile: `make solutions`."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove execution times, widget state and views, and kernel versions; static pictures stay."""
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in map(_without_widgets, cell.outputs) if output is not None]
    return notebook


def _without_widgets(output):
    if output.output_type == "stream":
        return None if output.name == "stderr" else output
    if output.output_type in ("display_data", "execute_result"):
        output.metadata.pop(VIEW, None)
        if output.data.pop(VIEW, None) is not None and set(output.data) <= {"text/plain"}:
            return None
    return output


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Store a notebook in the layout of this repository."""
    text = nbformat.writes(notebook, version=4)
    path.write_text(json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Run each named solution (default: all), with strict checks; a failing one stays as it was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of file names, for instance 01")
    options = parser.parse_args()
    os.environ["DRL_CHECK"] = "strict"
    paths = [p for p in sorted((ROOT / "solutions").glob("*.ipynb")) if p.name.startswith(tuple(options.names or [""]))]
    if not paths:
        sys.exit(f"No solution begins with {' or '.join(options.names)}.")
    for path in paths:
        before, begun = path.read_bytes(), time.monotonic()
        notebook = nbformat.reads(before.decode("utf-8"), as_version=4)
        try:
            NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
        except CellExecutionError as error:
            sys.exit(f"{path.name} does not run, and was left as it was:\n{error}")
        if path.read_bytes() != before:
            sys.exit(f"{path.name} was saved while it ran, and was left as you saved it: run this again.")
        write(strip(notebook), path)
        print(f"{path.name}: {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
