"""`check`: look at a learner's answer, say what is wrong and why, and keep the chapter going."""

import ast
import difflib
import inspect
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

from IPython.display import display

from drl_helpers.exercises import progress_file
from drl_helpers.exercises.cards import Card
from drl_helpers.exercises.judge import NOT_STARTED, NOT_YET, PASSED, Verdict, judge
from drl_helpers.exercises.reference import NoReference, given_lines, reference
from drl_helpers.exercises.sandbox import THREAD, restore_libraries
from drl_helpers.exercises.spec import Exercise, exercises

_references: list[Any] = []  # what was handed out as a reference, so that it never passes as an answer
_attempts: dict[str, Any] = {}  # the learner's latest own answer to each exercise


class CheckFailed(AssertionError):
    """A check did not end as the mode demands (see `mode`)."""


def mode() -> str:
    """How strict checks are: "teach", or, set by DRL_CHECK, "strict" or "not-started".

    Strict (solutions in CI, and nbgrader's autograding): anything but *passed* raises CheckFailed.
    Not-started (unfilled chapters in CI): anything but *not started* does.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return "strict"
    return os.environ.get("DRL_CHECK", "teach")


def check(exercise_id: str, use: str | None = None) -> Any:
    """Check the answer to an exercise, show a card, and return what the chapter goes on with.

    Args:
        exercise_id: for instance "q-update"; the answer is looked up by the name that belongs to it.
        use: "mine" returns your own version even where it is wrong, to see how it fails.

    Returns:
        Your function (or class) when it is right, else the reference answer. Without a solutions
        folder there is no reference, and your own version is returned.

    Raises:
        ValueError: no such exercise, or `use` is neither None nor "mine".
        CheckFailed: in a strict mode only.
    """
    exercise = _exercise(exercise_id, use)
    if threading.current_thread().name == THREAD:
        raise RuntimeError("an answer must not call `check`; write the answer itself")
    namespace = sys._getframe(1).f_globals
    put_back = restore_libraries()
    attempt, verdict = _find(exercise, namespace, use)
    if verdict is None:
        _attempts[exercise.id] = attempt
        verdict = judge(exercise, attempt)
        if verdict.status == NOT_STARTED and _stub_left_over(exercise, attempt):
            again = "Your code is there, but `raise NotImplementedError(…)` still stands in it: delete that line."
            verdict = Verdict(NOT_YET, [again])
    if put_back:
        verdict.lines.append(f"`{put_back[0]}` had been replaced in this notebook; it has been put back.")
    answer = _answer(exercise, attempt, verdict, use)
    _show(exercise, verdict)
    return answer


def progress() -> dict[str, bool]:
    """Every exercise of the course in order, by id: has it been passed?"""
    passed = progress_file.passed()
    return {exercise_id: exercise_id in passed for exercise_id in exercises()}


def _exercise(exercise_id: str, use: str | None) -> Exercise:
    if use not in (None, "mine"):
        raise ValueError(f'use={use!r} is not known: leave it out, or write use="mine".')
    if exercise_id not in exercises():
        near = difflib.get_close_matches(str(exercise_id), exercises(), 1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise ValueError(f"There is no exercise {exercise_id!r}.{hint}")
    return exercises()[exercise_id]


def _find(exercise: Exercise, namespace: dict, use: str | None) -> tuple[Any, Verdict | None]:
    """The learner's answer; and a verdict at once where there is nothing new to judge."""
    attempt = namespace.get(exercise.name)
    if (broken := _syntax_error(exercise, namespace)) is not None:
        return _attempts.get(exercise.id), Verdict(NOT_YET, broken)
    if attempt is None:
        return None, Verdict(NOT_YET, [*_missing(exercise, namespace)])
    if any(attempt is known for known in _references):
        if use == "mine" and exercise.id in _attempts:
            return _attempts[exercise.id], None
        again = f"Run the exercise's cell again, then this one: `{exercise.name}` is the reference answer just now."
        return _attempts.get(exercise.id), Verdict(NOT_YET, [again])
    return attempt, None


def _syntax_error(exercise: Exercise, namespace: dict) -> list[str] | None:
    """What to say when the latest cell that was run to define the answer does not even parse."""
    defines = re.compile(rf"^\s*(async\s+)?(def|class)\s+{exercise.name}\b", re.M)
    other_ways = re.compile(
        rf"^\s*{exercise.name}\s*=(?!=)(?!\s*check\()|^\s*from .* import .*\b{exercise.name}\b", re.M
    )
    for source in reversed(list(namespace.get("In", []))):
        if not defines.search(source):
            if other_ways.search(source):
                return None
            continue
        try:
            ast.parse(source)
        except SyntaxError as error:
            line = (error.text or "").strip()
            return [
                f"The exercise's cell has a syntax error in line {error.lineno}: {error.msg}.",
                f"The line is `{line}`; look at it and at the one before it, then run the cell again.",
            ]
        return None
    return None


def _stub_left_over(exercise: Exercise, attempt: Any) -> bool:
    """Whether something was written beside the stub that still raises NotImplementedError."""
    try:
        given = set(given_lines(exercise.notebook, exercise.id))
        mine = [line.strip() for line in inspect.getsource(attempt).splitlines()]
    except (NoReference, OSError, TypeError):
        return False
    return any(line not in given and not line.startswith(("#", "raise NotImplementedError")) for line in mine if line)


def _missing(exercise: Exercise, namespace: dict) -> list[str]:
    own = [name for name, value in namespace.items() if inspect.isfunction(value) and not name.startswith("_")]
    near = difflib.get_close_matches(exercise.name, own, 1, cutoff=0.8)
    if near:
        return [f"There is no `{exercise.name}` yet, but a `{near[0]}`: is its name spelled as the exercise says?"]
    return [f"There is no `{exercise.name}` yet: run the exercise's cell above, then this one."]


def _answer(exercise: Exercise, attempt: Any, verdict: Verdict, use: str | None) -> Any:
    """What the chapter goes on with; says on the card which it is."""
    if verdict.status == PASSED:
        return attempt
    if use == "mine" and attempt is not None:
        verdict.lines.append("The chapter goes on with your own version, as you asked.")
        return attempt
    try:
        answer = reference(exercise.notebook, exercise.id, exercise.name)
    except NoReference as error:
        verdict.lines.append(f"There is no reference answer to go on with: {error}.")
        return attempt
    _references.append(answer)
    verdict.lines.append("The chapter goes on with the reference answer.")
    return answer


def _show(exercise: Exercise, verdict: Verdict) -> None:
    lines = list(verdict.lines)
    if verdict.mistake is not None:
        lines.insert(0, verdict.mistake.why)
    if verdict.status == NOT_STARTED:
        lines.insert(0, "Write your answer in the cell above, run it, then run this check again.")
    if verdict.status == PASSED and _learner_at_work():
        lines += [note] if (note := progress_file.record(exercise.id)) else []
    card = Card(verdict.status, f"Exercise {exercise.number} · {exercise.name}", lines, verdict.printed)
    display(card)
    wanted = {"strict": PASSED, "not-started": NOT_STARTED}.get(mode(), verdict.status)
    if verdict.status != wanted:
        raise CheckFailed(f"a card that says '{wanted}' was expected here:\n{card}")


def _learner_at_work() -> bool:
    """Running the solutions is no progress, nor are automatic runs."""
    return mode() == "teach" and Path.cwd().name != "solutions"
