"""Judge one attempt at one exercise: right, unfinished, or wrong, and then how and why."""

import builtins
import inspect
import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from drl_helpers.exercises.compare import alike, difference, short, unusable
from drl_helpers.exercises.sandbox import Outcome, run_limited
from drl_helpers.exercises.spec import ArgumentChanged, Case, Exercise, Mistake

PASSED, NOT_STARTED, NOT_YET = "passed", "not started", "not yet"
COMPARING = 30.0  # seconds for holding results against the known mistakes


@dataclass
class Verdict:
    """What was found: a status, what to say about it, and the known mistake if it is one."""

    status: str
    lines: list[str] = field(default_factory=list)
    mistake: Mistake | None = None
    printed: str = ""


@dataclass
class _Seen:
    """What one attempt showed in one case: results, or the error in their place."""

    case: Case
    results: dict[str, Any] | None
    error: BaseException | None


def judge(exercise: Exercise, attempt: Any, seconds: float | None = None) -> Verdict:
    """Try `attempt` in every case of `exercise`, under its time limit (or `seconds`)."""
    if (problem := _not_a_function(exercise, attempt)) is not None:
        return Verdict(NOT_YET, [problem])
    seen: list[_Seen] = []
    limit = exercise.seconds if seconds is None else seconds
    outcome = run_limited(lambda: _try_all(exercise, attempt, seen), limit)
    verdict = _ended_badly(exercise, outcome, seen, limit) or _compared(exercise, attempt, seen)
    verdict.printed = outcome.printed
    if outcome.flooded:
        verdict.lines.append("It printed more than 10,000 characters; the rest was dropped.")
    if outcome.gradients_off:
        verdict.status = NOT_YET
        verdict.lines.append(
            "It switches gradients off and leaves them off, for all that comes after it: no network would learn any "
            "more. Write `with torch.no_grad():`, which switches them on again at its end."
        )
    if outcome.replaced:
        verdict.status = NOT_YET
        names = ", ".join(f"`{name}`" for name in outcome.replaced[:3])
        verdict.lines.append(f"It replaced {names}, which others rely on; the original has been put back.")
    return verdict


def _compared(exercise: Exercise, attempt: Any, seen: list[_Seen]) -> Verdict:
    """The verdict by comparison; in the sandbox too, for results may do anything when looked at."""
    outcome = run_limited(lambda: _compare(exercise, attempt, seen), COMPARING)
    if outcome.interrupted:
        return Verdict(NOT_YET, ["The check was interrupted; run this cell again.", *_stuck(outcome)])
    if outcome.timed_out or outcome.value is None:
        why = f" ({type(outcome.error).__name__})" if outcome.error is not None else ""
        lines = [f"What it returned cannot be looked at{why}: return plain numbers, arrays or tensors."]
        return Verdict(NOT_YET, lines + _stuck(outcome))
    return outcome.value


def _not_a_function(exercise: Exercise, attempt: Any) -> str | None:
    wants_class = inspect.isclass(exercise.right[0])
    if wants_class and not inspect.isclass(attempt):
        return f"`{exercise.name}` must be a class; here it is {short(attempt)}."
    if not wants_class and inspect.isclass(attempt):
        return f"`{exercise.name}` must be a function; here it is a class."
    if not callable(attempt):
        return f"`{exercise.name}` must be a function; here it is {short(attempt)}."
    return None


def _try_all(exercise: Exercise, attempt: Callable, seen: list[_Seen]) -> None:
    for case in exercise.cases:
        seen.append(_try(exercise, attempt, case))
        if isinstance(seen[-1].error, NotImplementedError):
            return


def _try(exercise: Exercise, attempt: Callable, case: Case) -> _Seen:
    try:
        return _Seen(case, exercise.run(attempt, case), None)
    except Exception as exception:  # explained on the card
        return _Seen(case, None, exception)


def _ended_badly(exercise: Exercise, outcome: Outcome, seen: list[_Seen], limit: float) -> Verdict | None:
    """The verdict on a run that did not get through its cases; None when it did."""
    if outcome.interrupted:
        return Verdict(NOT_YET, ["The check was interrupted; run this cell again.", *_stuck(outcome)])
    if outcome.timed_out:
        case = exercise.cases[min(len(seen), len(exercise.cases) - 1)]
        lines = [
            f"It did not finish within {limit:g} seconds. Called: {called(exercise, case)}",
            "Look for a loop that never ends: does its condition change inside the loop?",
        ]
        return Verdict(NOT_YET, lines + _stuck(outcome))
    if isinstance(outcome.error, SystemExit):
        return Verdict(NOT_YET, ["It called `exit`, which ends a whole program: use `return` to leave a function."])
    if outcome.error is not None:
        return Verdict(NOT_YET, [_sentence(outcome.error)])
    if seen and isinstance(seen[-1].error, NotImplementedError):
        if len(seen) == 1:
            return Verdict(NOT_STARTED)
        return Verdict(NOT_YET, [f"{seen[-1].case.label}: it still raises NotImplementedError there."])
    if len(seen) < len(exercise.cases):
        return Verdict(NOT_YET, ["The check did not get through all its cases; run this cell again."])
    return None


def _stuck(outcome: Outcome) -> list[str]:
    if not outcome.stuck:
        return []
    return ["It could not be stopped and still runs: please restart the kernel (Kernel ▸ Restart Kernel…)."]


def _compare(exercise: Exercise, attempt: Callable, seen: list[_Seen]) -> Verdict:
    judged = [(one, _problem(exercise, one)) for one in seen]
    right, wrong = [one for one, problem in judged if not problem], [one for one, problem in judged if problem]
    if not wrong:
        return Verdict(PASSED)
    first, problem = next((one, problem) for one, problem in judged if problem)
    lines = [f"{first.case.label}: {problem}", f"Called: {called(exercise, first.case)}"]
    if first.error is not None:
        lines = [f"{first.case.label}: {_sentence(first.error)}", *_where(first.error, attempt), lines[1]]
    return Verdict(NOT_YET, lines, _known_mistake(exercise, wrong, right))


def _problem(exercise: Exercise, seen: _Seen) -> str | None:
    """How what was seen in a case differs from what is right, as a sentence; or None."""
    if seen.error is not None:
        return _sentence(seen.error)
    if exercise.expected is not None:
        expected = exercise.expected(seen.case)
    else:
        expected = _trusted(exercise, exercise.right[0], seen.case).results
    for name, right in expected.items():
        if name.startswith("_"):
            continue
        if name not in seen.results:
            return f"{name} could not be observed."
        if right is not None and (found := unusable(seen.results[name])) is not None:
            return found
        if (found := difference(seen.results[name], right, exercise.tolerance)) is not None:
            return f"{name} is not right: {found}"
    return None


@cache
def _trusted(exercise: Exercise, attempt: Callable, case: Case) -> _Seen:
    """What a function of ours (a right answer, a known mistake) shows in a case."""
    return _try(exercise, attempt, case)


def _known_mistake(exercise: Exercise, wrong: list[_Seen], right: list[_Seen]) -> Mistake | None:
    """The known mistake that shows the same in every case.

    Else the one that does in most of the cases that are wrong, and goes wrong itself in fewer of those that are right.
    """
    best, best_share = None, 0.5
    for mistake in exercise.mistakes:
        share = _share_alike(exercise, mistake, wrong, best_share)
        if share == 0.0:
            continue
        against = sum(not _shows(exercise, mistake, one) for one in right)
        if share == 1.0 and not against:
            return mistake
        if share > best_share and against < share * len(wrong):
            best, best_share = mistake, share
    return best


def _share_alike(exercise: Exercise, mistake: Mistake, seen: list[_Seen], enough: float) -> float:
    """In which share of these cases the mistake shows the same; 0.0 once it is neither all of them nor > `enough`."""
    missed = 0
    for one in seen:
        missed += not _shows(exercise, mistake, one)
        if missed and 1 - missed / len(seen) <= enough:
            return 0.0
    return 1 - missed / len(seen)


def _shows(exercise: Exercise, mistake: Mistake, seen: _Seen) -> bool:
    """Whether the mistake shows the same in the same case."""
    return _alike(exercise, seen, _trusted(exercise, mistake.attempt, seen.case))


def _alike(exercise: Exercise, mine: _Seen, theirs: _Seen) -> bool:
    if mine.error is not None or theirs.error is not None:
        return None not in (mine.error, theirs.error) and _sentence(mine.error) == _sentence(theirs.error)
    if any(unusable(value) for value in mine.results.values()):
        return all(type(mine.results[name]) is type(theirs.results[name]) for name in mine.results)
    return mine.results.keys() == theirs.results.keys() and all(
        alike(mine.results[name], theirs.results[name], exercise.tolerance) for name in mine.results
    )


def called(exercise: Exercise, case: Case) -> str:
    """The call that was made in `case`, as code, on one line."""
    return f"`{exercise.name}({', '.join(f'{name}={short(value, 90)}' for name, value in case.args.items())})`"


def _sentence(error: BaseException) -> str:
    if isinstance(error, ArgumentChanged):
        return f"it changed its argument `{error}`, which must stay as it was: work on a copy."
    if isinstance(error, RecursionError):
        return "it calls itself without end (RecursionError)."
    try:
        return f"it raised {type(error).__name__}: {short(str(error))}"
    except BaseException:  # a learner's own exception may not even be printable
        return f"it raised {type(error).__name__}."


def _where(error: BaseException, attempt: Callable) -> list[str]:
    """The learner's own line that raised `error`, and what may have caused it."""
    functions = [attempt, *vars(attempt).values()] if inspect.isclass(attempt) else [attempt]
    code = next((function.__code__ for function in functions if inspect.isfunction(function)), None)
    home = code.co_filename if code else getattr(inspect.getmodule(attempt), "__file__", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == home]
    lines = []
    if frames:
        text = (frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno)).strip()
        lines.append(f"Your line {frames[-1].lineno}: `{text}`")
    for name in getattr(code, "co_names", ()):
        shadow = getattr(attempt, "__globals__", {}).get(name, None)
        if hasattr(builtins, name) and shadow is not None and not callable(shadow):
            lines.append(f"`{name}` is no longer Python's own in this notebook: run `del {name}` and try again.")
    if isinstance(error, TypeError) and f"{getattr(attempt, '__name__', None)}() " in str(error):
        lines.append("Keep the arguments as the exercise gave them: their number and order.")
    return lines
