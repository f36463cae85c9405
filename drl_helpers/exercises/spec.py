"""What an exercise is: its cases, its right answers, and the mistakes people make in it."""

import copy
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from drl_helpers.exercises.compare import is_tensor


@dataclass(frozen=True)
class Rng:
    """Stands for a fresh `np.random.default_rng(seed)` among a case's arguments."""

    seed: int = 0

    def __repr__(self):
        return "rng"


@dataclass(frozen=True, eq=False)
class Case:
    """One situation in which an answer is tried: a label for people, and the arguments by name."""

    label: str
    args: dict[str, Any]

    def fresh_args(self) -> dict[str, Any]:
        """The arguments, copied, so that no attempt can spoil them for the next one."""
        return {
            name: np.random.default_rng(value.seed) if isinstance(value, Rng) else copy.deepcopy(value)
            for name, value in self.args.items()
        }


@dataclass(frozen=True, eq=False)
class Mistake:
    """A small wrong answer that people do write, and the sentence that explains it."""

    name: str
    why: str
    attempt: Callable


def call(attempt: Callable, case: Case, mutates: tuple[str, ...] = ()) -> dict[str, Any]:
    """Call `attempt` once. Returns what it returned and each argument that it may change, by name.

    Raises:
        ArgumentChanged: it changed an argument that it must leave alone.
    """
    args = case.fresh_args()
    seen = {"the return value": attempt(*args.values())}
    for name, value in args.items():
        if name in mutates:
            seen[f"`{name}` afterwards"] = value
        elif not _unchanged(value, case.args[name]):
            raise ArgumentChanged(name)
    return seen


class ArgumentChanged(Exception):
    """An attempt changed an argument that it must leave alone."""


def _unchanged(value: Any, original: Any) -> bool:
    if isinstance(original, np.ndarray):
        return np.array_equal(value, original, equal_nan=original.dtype.kind == "f")
    if is_tensor(original):
        return value.shape == original.shape and bool((value == original).all())
    return value == original if isinstance(original, list | dict | tuple) else True


@dataclass(frozen=True, eq=False)
class Exercise:
    """How one exercise is checked.

    Attributes:
        id: also the `grade_id` of its cell in the solution notebook.
        name: of the function or class to write.
        notebook: without ending, for instance "01_tabular_q_learning".
        number: as printed in the chapter, for instance "1.4".
        cases: situations to try, the most telling first.
        right: two or more right answers, written differently; the first gives the expected values.
        mistakes: known wrong answers; the first that reproduces an attempt's results is named.
        observe: `observe(attempt, case)` gives a dict of what is compared; by default one call. Entries
            whose names begin with "_" only serve to tell mistakes apart.
        expected: `expected(case)` gives the same dict for a right answer, where that is known exactly.
        mutates: names of the arguments that the answer is meant to change.
        tolerance: largest absolute difference between equal numbers.
        seconds: time limit for all cases together.
        equivalent: mutants of the reference that behave as it does, with the reason.
    """

    id: str
    name: str
    notebook: str
    number: str
    cases: tuple[Case, ...]
    right: tuple[Callable, ...]
    mistakes: tuple[Mistake, ...]
    observe: Callable | None = None
    expected: Callable | None = None
    mutates: tuple[str, ...] = ()
    tolerance: float = 1e-6
    seconds: float = 5.0
    equivalent: dict[str, str] = field(default_factory=dict)

    def run(self, attempt: Callable, case: Case) -> dict[str, Any]:
        """What can be seen when `attempt` is tried in `case`."""
        return self.observe(attempt, case) if self.observe else call(attempt, case, self.mutates)


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises of the course by id, in the order of the chapters."""
    import drl_helpers.exercises as package

    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("chapter"))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [exercise for module in modules for exercise in getattr(module, "EXERCISES", ())]
    return {exercise.id: exercise for exercise in sorted(found, key=lambda e: (e.notebook, e.number))}
