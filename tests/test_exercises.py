"""Every exercise's check: passes what is right, names what is known to be wrong, lets no mutant live."""

import inspect
import linecache

import numpy as np
import pytest
from mutants import mutants

from drl_helpers.exercises.judge import NOT_STARTED, NOT_YET, PASSED, judge
from drl_helpers.exercises.reference import SOLUTIONS, code_cells, reference, solution_namespace
from drl_helpers.exercises.spec import exercises

ALL = list(exercises().values())
EACH = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.id)


def cell_source(exercise) -> str:
    """The solution's cell of this exercise."""
    cells = code_cells(SOLUTIONS / f"{exercise.notebook}.ipynb")
    return next(cell["source"] for cell in cells if cell["grade_id"] == exercise.id)


def test_there_are_exercises():
    assert len(ALL) >= 6


@EACH
def test_passes_what_is_right(exercise):
    assert len(exercise.right) >= 2
    for attempt in (reference(exercise.notebook, exercise.id, exercise.name), *exercise.right):
        verdict = judge(exercise, attempt)
        assert verdict.status == PASSED, (attempt, verdict.lines)


@EACH
def test_names_every_known_mistake(exercise):
    assert len(exercise.mistakes) >= 3
    for mistake in exercise.mistakes:
        verdict = judge(exercise, mistake.attempt)
        assert verdict.status == NOT_YET, f"{mistake.name} passes"
        assert verdict.mistake is mistake, f"{mistake.name} is taken for {verdict.mistake and verdict.mistake.name}"


def test_a_mistake_is_not_named_where_it_would_have_shown_elsewhere():
    """Right but for a tree of one row, as one whose leaves are a node off is too; but that one is nowhere right."""

    def tree_update(nodes, rows, priorities):
        node = rows + len(nodes) // 2
        nodes[node] = priorities
        for _ in range(20):
            node = np.maximum(node // 2, 1)
            nodes[node] = nodes[2 * node] + nodes[(2 * node + 1) % len(nodes)]

    verdict = judge(exercises()["tree-update"], tree_update)
    assert verdict.status == NOT_YET and verdict.mistake is None
    assert "A tree of one row" in verdict.lines[0]


@EACH
def test_a_stub_is_not_started(exercise):
    def stub(*args, **kwargs):
        raise NotImplementedError

    if inspect.isclass(exercise.right[0]):
        stub = type("Stub", (), {"__init__": stub})
    assert judge(exercise, stub).status == NOT_STARTED


@EACH
def test_no_mutant_survives(exercise, record_property):
    found = mutants(cell_source(exercise), exercise.name)
    before = dict(solution_namespace(exercise.notebook, until=exercise.id))
    survivors, named = [], 0
    for number, mutant in enumerate(found):
        filename = f"mutant-{exercise.id}-{number}"
        linecache.cache[filename] = (len(mutant.source), None, mutant.source.splitlines(True), filename)
        namespace = dict(before)
        exec(compile(mutant.source, filename, "exec"), namespace)
        verdict = judge(exercise, namespace[exercise.name], seconds=3.0)
        named += verdict.mistake is not None
        if verdict.status == PASSED:
            survivors.append(mutant.change)
    unexplained = [change for change in survivors if change not in exercise.equivalent]
    explained, rejected = len(survivors) - len(unexplained), len(found) - len(survivors)
    record_property(
        "mutants",
        f"{exercise.number:>5} {exercise.id:<24} {len(found):>3} mutants, {rejected:>3} rejected ({named} named), "
        f"{explained} equivalent with a reason, {len(unexplained)} unexplained",
    )
    assert len(found) >= 3
    assert not unexplained
    assert set(exercise.equivalent) <= set(survivors), "an 'equivalent' mutant is rejected, or not made any more"
