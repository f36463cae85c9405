"""Exercise 9.3 of chapter 09: the observations in which steps of a vector environment ended."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "09_actor_critic"


def observe_ends(attempt, case):
    """What is returned, and whether `obs`, from which the caller goes on, is still as it was."""
    args = case.fresh_args()
    obs, over, info = args.values()
    before = obs.copy(), over.copy(), [None if o is None else np.copy(o) for o in info.get("final_obs", ())]
    returned = attempt(obs, over, info)
    same = np.array_equal(obs, before[0]) and np.array_equal(over, before[1])
    final = zip(info.get("final_obs", ()), before[2], strict=True)
    same_info = all((a is None) == (b is None) and np.array_equal(a, b) for a, b in final)
    return {
        "the return value": returned,
        "the state of `obs` and `over` afterwards": "as they were" if same else "changed",
        "the state of `info` afterwards": "as it was" if same_info else "changed",
    }


def ends_by_loop(obs, over, info):
    next_obs = np.array(obs)
    for env in np.flatnonzero(over):
        next_obs[env] = info["final_obs"][env]
    return next_obs


def ends_in_a_list(obs, over, info):
    rows = [info["final_obs"][env] if ended else obs[env] for env, ended in enumerate(over)]
    return np.asarray(rows, dtype=obs.dtype)


def ends_by_flag(obs, over, info):
    if "final_obs" not in info:
        return obs.copy()
    next_obs = np.empty_like(obs)
    next_obs[~over] = obs[~over]
    next_obs[over] = np.array(info["final_obs"][over].tolist())
    return next_obs


def _in_place(obs, over, info):
    for env in np.flatnonzero(over):
        obs[env] = info["final_obs"][env]
    return obs


def _needs_the_entry(obs, over, info):
    next_obs = obs.copy()
    next_obs[over] = np.stack(list(info["final_obs"][over]))
    return next_obs


def _all_rows(obs, over, info):
    return np.stack(info["final_obs"]) if over.any() else obs


def _without_stack(obs, over, info):
    next_obs = obs.copy()
    if over.any():
        next_obs[over] = info["final_obs"][over]
    return next_obs


def _only_the_ended(obs, over, info):
    return np.stack(info["final_obs"][over]) if over.any() else obs[over]


def _only_the_first(obs, over, info):
    next_obs = obs.copy()
    if over.any():
        next_obs[over.argmax()] = info["final_obs"][over.argmax()]
    return next_obs


def _one_for_all(obs, over, info):
    next_obs = obs.copy()
    if over.any():
        next_obs[over] = info["final_obs"][over.argmax()]
    return next_obs


def _any_over(obs, over, info):
    next_obs = obs.copy()
    if over.all():
        next_obs[over] = np.stack(info["final_obs"][over])
    return next_obs


def _zeros(obs, over, info):
    next_obs = obs.copy()
    next_obs[over] = 0
    return next_obs


def _a_pair(obs, over, info):
    return ends_by_loop(obs, over, info), obs


ENDS_MISTAKES = (
    Mistake(
        "reset-for-last",
        "It returns `obs` as it is. Where an episode is over that is the *next* episode's first observation; the last "
        'one of the old episode is in `info["final_obs"]`.',
        lambda obs, over, info: obs.copy(),
    ),
    Mistake(
        "in-place",
        "It writes into `obs`. The caller goes on from there: the next action would be chosen for a state of an "
        "episode that is over. Work on `obs.copy()`.",
        _in_place,
    ),
    Mistake(
        "needs-the-entry",
        'In most steps no episode is over, and `info` has no "final_obs" then: return `obs` first where `over` is '
        "nowhere True.",
        _needs_the_entry,
    ),
    Mistake(
        "all-rows",
        '`info["final_obs"]` is `None` where the episode goes on, so it cannot be taken whole: pick `[over]`.',
        _all_rows,
    ),
    Mistake(
        "objects-for-rows",
        '`info["final_obs"][over]` is an array of *objects*, one array each: make one array of them, `np.stack(...)`.',
        _without_stack,
    ),
    Mistake(
        "only-the-ended",
        "It returns the rows of the episodes that are over alone: one row for *each* environment is wanted.",
        _only_the_ended,
    ),
    Mistake(
        "only-the-first",
        "Only the first episode that is over gets its last observation; several may end in one step.",
        _only_the_first,
    ),
    Mistake(
        "one-for-all",
        "All episodes that are over get the same last observation: each has its own.",
        _one_for_all,
    ),
    Mistake(
        "only-when-all-are-over",
        "It replaces rows only when *all* episodes are over: use `any`, and `[over]` for the rows.",
        _any_over,
    ),
    Mistake("zeros", "It puts zeros where an episode is over; a truncated state has a value of its own.", _zeros),
    Mistake("a-pair", "It returns two things; only the next observations are wanted.", _a_pair),
)


def _ends_case(label, obs, final, dtype=np.float32):
    """`final` holds the last observations, None where the episode goes on."""
    over, info = np.array([one is not None for one in final]), {}
    if over.any():
        last = np.empty(len(final), dtype=object)
        for env, one in enumerate(final):
            last[env] = None if one is None else np.array(one, dtype=dtype)
        info = {"final_obs": last, "_final_obs": over.copy()}
    return Case(label, {"obs": np.array(obs, dtype=dtype), "over": over, "info": info})


ROWS = [[0.1, -0.2, 0.3], [1.5, 2.5, -3.5], [0.4, 0.5, 0.6], [-7.0, 8.0, 9.0]]
ENDS = Exercise(
    id="observed-next",
    name="observed_next",
    notebook=NOTEBOOK,
    number="9.3",
    observe=observe_ends,
    cases=(
        _ends_case("Two of four episodes are over", ROWS, [None, [6.0, -6.5, 7.5], None, [4.5, 3.5, -2.5]]),
        _ends_case("No episode is over", ROWS[:2], [None, None]),
        _ends_case("All episodes are over", ROWS[:2], [[9.0, 8.5, -7.0], [-1.0, 5.5, 0.25]]),
        _ends_case("The first of three is over", ROWS[1:], [[2.0, 3.0, 4.0], None, None]),
        _ends_case("Observations are numbers of cells", [0, 14, 0, 9, 0], [5, None, 15, None, 12], dtype=np.int64),
    ),
    right=(ends_by_loop, ends_in_a_list, ends_by_flag),
    mistakes=ENDS_MISTAKES,
)

EXERCISES = (ENDS,)
