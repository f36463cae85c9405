"""Recorded experiments: declared in a notebook, run in full by `make experiments`, shown with their origin."""

import ast
import hashlib
import importlib.util
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent / "records"


def folder() -> Path:
    """Where records are: in this package, or where DRL_RECORDS says."""
    return Path(os.environ.get("DRL_RECORDS", HERE))


def weights_file(name: str) -> Path:
    """Where an experiment stores trained weights: in this package, or beside the records that DRL_RECORDS names."""
    return (HERE.parent if folder() == HERE else folder()) / "weights" / f"{name}.safetensors"


@dataclass(frozen=True)
class Experiment:
    """A function of a seed, and the settings and seeds to run it with.

    `function(seed, **settings)` returns {"score": float, "curve": list of floats}, and whatever
    else of small numbers is worth keeping.
    """

    name: str
    function: Callable
    variants: dict[str, dict[str, Any]]
    seeds: int

    def run(self, label: str, seed: int) -> dict:
        """One seed of one variant, now."""
        return self.function(seed, **self.variants[label])

    def record(self) -> "Record":
        """What was recorded when the experiment was last run in full.

        Raises:
            FileNotFoundError: there is no record, or it cannot be read; the sentence says what to do.
        """
        path = folder() / f"{self.name}.json"
        try:
            return Record(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            reason = f"The record {path.name} is missing or damaged: make it again with `make experiments`."
            raise FileNotFoundError(reason) from error


@dataclass(frozen=True)
class Record:
    """The results of an experiment, by the label of each variant."""

    data: dict[str, Any]

    def array(self, label: str, what: str = "curve") -> np.ndarray:
        """`what` of every seed, shape (seeds, ...): "curve", "score", "seconds" or another key."""
        return np.array([run[what] for run in self.data["runs"][label]])

    @property
    def origin(self) -> str:
        """One sentence on when, where and how long."""
        made, runs = self.data["made"], self.data["runs"]
        seeds = {len(seeds) for seeds in runs.values()}
        seconds = sum(run["seconds"] for seeds in runs.values() for run in seeds)
        return (
            f"A record of {made['date']}: {max(seeds)} seeds each, {seconds:.0f} s of computing in all "
            f"on {made['machine']}; Python {made['python']}, Gymnasium {made['gymnasium']}."
        )


def experiment(name: str, variants: dict[str, dict[str, Any]], seeds: int) -> Callable[[Callable], Experiment]:
    """Declare the function below as a recorded experiment.

    Args:
        name: of the record's file, begins with the chapter's number.
        variants: label → settings passed to the function.
        seeds: it is run with seeds 0 … seeds − 1.
    """
    return lambda function: Experiment(name, function, variants, seeds)


def code_hash(cells: list[str], name: str) -> str:
    """A hash of the function `name` and of all that it uses, in the notebook and in drl_helpers.

    Comments, docstrings and layout do not count.

    Args:
        cells: sources of the notebook's code cells, in order.
    """
    found: dict[str, str] = {}
    _collect(_top_level(ast.parse("\n".join(cells)).body, constants_only=True), name, found)
    text = "\n".join(f"{key}: {found[key]}" for key in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _top_level(body: list[ast.stmt], constants_only: bool) -> dict[str, ast.stmt]:
    """What statements define: name → statement; the last one counts. In notebooks only CAPITALS are constants."""
    table: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            table[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
            table.update({n: node for n in names if n.isupper() or not constants_only})
        elif isinstance(node, ast.If | ast.Try):
            table.update(_top_level(node.body, constants_only))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            table.update({(alias.asname or alias.name).split(".")[0]: node for alias in node.names})
    return table


def _collect(table: dict[str, ast.stmt], name: str, found: dict[str, str], where: str = "") -> None:
    node = table.get(name)
    if node is None or f"{where}{name}" in found:
        return
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("drl_helpers"):
        original = next(a.name for a in node.names if name == (a.asname or a.name))
        spec = importlib.util.find_spec(node.module)
        if spec is not None and spec.origin and original not in ("experiment",):
            source = Path(spec.origin).read_text(encoding="utf-8")
            _collect(_top_level(ast.parse(source).body, constants_only=False), original, found, f"{node.module}.")
        found[f"{where}{name}"] = f"{node.module}.{original}"
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        alias = next(a for a in node.names if name == (a.asname or a.name).split(".")[0])
        found[f"{where}{name}"] = f"{getattr(node, 'module', '')} {alias.name}"
        return
    found[f"{where}{name}"] = ast.unparse(_without_docstrings(node))
    for used in sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name)}):
        _collect(table, used, found, where)


def _without_docstrings(node: ast.stmt) -> ast.stmt:
    node = ast.parse(ast.unparse(node)).body[0]
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        if isinstance(body, list) and isinstance(inner, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(inner):
            inner.body = body[1:] or [ast.Pass()]
    return node
