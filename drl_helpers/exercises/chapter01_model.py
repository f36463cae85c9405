"""The exercise of chapter 01 on value iteration: 1.3."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "01_tabular_q_learning"

SMALL_MODEL = {  # obs → action → outcomes; state 3 ends the episode, as does one way of leaving state 1
    0: {0: [(0.7, 1, 1.0, False), (0.3, 0, -1.0, False)], 1: [(1.0, 2, 0.0, False)]},
    1: {0: [(0.5, 2, 2.0, False), (0.5, 2, 4.0, True)], 1: [(0.2, 3, 10.0, True), (0.8, 0, 0.5, False)]},
    2: {0: [(1.0, 3, 5.0, True)], 1: [(0.6, 1, -2.0, False), (0.4, 2, 1.0, False)]},
    3: {0: [(1.0, 3, 0.0, True)], 1: [(1.0, 3, 0.0, True)]},
}
BAD_MODEL = {  # every reward is negative, and two actions lose more than the third
    0: {a: [(1.0, 1, r, False)] for a, r in enumerate((-5.0, -1.0, -9.0))},
    1: {a: [(0.25, 0, r, False), (0.75, 1, r, True)] for a, r in enumerate((-2.0, -8.0, -3.0))},
}


def sweep_loops(values, model, gamma):
    new_values = np.zeros(len(model))
    for obs, actions in model.items():
        candidates = []
        for outcomes in actions.values():
            total = 0.0
            for probability, next_obs, reward, terminated in outcomes:
                total += probability * (reward + (0.0 if terminated else gamma * values[next_obs]))
            candidates.append(total)
        new_values[obs] = max(candidates)
    return new_values


def sweep_arrays(values, model, gamma):
    q_table = np.full((len(model), len(model[0])), 0.0)
    for obs in model:
        for action in model[obs]:
            probability, next_obs, reward, terminated = (
                np.array(part) for part in zip(*model[obs][action], strict=True)
            )
            q_table[obs, action] = probability @ (reward + gamma * values[next_obs] * (1 - terminated))
    return q_table.max(axis=1)


def make_sweep(
    pick=max,
    bootstrap=lambda v, term: 0.0 if term else v,
    weight=lambda p: p,
    target=lambda r, g, v: r + g * v,
    old=True,
):
    """A sweep of value iteration with one part exchanged."""

    def attempt(values, model, gamma):
        source, result = (values, values.copy()) if old else (values.copy(),) * 2
        for obs in model:
            result[obs] = pick(
                [
                    sum(weight(p) * target(r, gamma, bootstrap(source[n], term)) for p, n, r, term in outcomes)
                    for outcomes in model[obs].values()
                ]
            )
        return result

    return attempt


def _sweep_reading_new(model, gamma):
    new_values = np.zeros(len(model))
    for obs, actions in model.items():
        new_values[obs] = max(
            sum(p * (r + gamma * new_values[n] * (not end)) for p, n, r, end in o) for o in actions.values()
        )
    return new_values


def _sweep_in_place(values, model, gamma):
    values[:] = make_sweep(old=False)(values, model, gamma)
    return values


SWEEP_MISTAKES = (
    Mistake(
        "past-the-end",
        "It counts the value of the next state even when the episode has `terminated`: nothing follows the end, "
        "so the target there is the reward alone.",
        make_sweep(bootstrap=lambda v, term: v),
    ),
    Mistake(
        "mean-over-actions",
        "It averages over the actions. That is the value of acting at random; the optimal value takes the best action.",
        make_sweep(pick=lambda c: sum(c) / len(c)),
    ),
    Mistake("min-over-actions", "It takes the worst action in each state: use the maximum.", make_sweep(pick=min)),
    Mistake("sum-over-actions", "It adds the actions up: only the best one counts.", make_sweep(pick=sum)),
    Mistake(
        "no-probability",
        "The outcomes are not weighted by their probability: an expectation is Σ p · (…).",
        make_sweep(weight=lambda p: 1.0),
    ),
    Mistake(
        "no-gamma",
        "The discount γ is missing in front of the value of the next state.",
        make_sweep(target=lambda r, g, v: r + v),
    ),
    Mistake(
        "gamma-everywhere",
        "The reward is discounted too. γ stands before the *next* value only: r + γ V(s').",
        make_sweep(target=lambda r, g, v: g * (r + v)),
    ),
    Mistake(
        "no-reward", "The reward is missing from the target r + γ V(s').", make_sweep(target=lambda r, g, v: g * v)
    ),
    Mistake("no-value", "The next value is missing from the target r + γ V(s').", make_sweep(target=lambda r, g, v: r)),
    Mistake(
        "new-values",
        "It mixes new values with old ones: read only from `values`, and write only into a new array.",
        make_sweep(old=False),
    ),
    Mistake(
        "in-place",
        "It writes into `values` while it still reads from it: fill a new array and return that.",
        _sweep_in_place,
    ),
    Mistake(
        "reads-what-it-fills",
        "It reads the array that it is filling: the next state's value comes from `values`.",
        lambda values, model, gamma: _sweep_reading_new(model, gamma),
    ),
    Mistake(
        "best-starts-at-zero",
        "The best value starts at 0, which is too high where all are negative: start at −∞, or use `max(...)`.",
        make_sweep(pick=lambda c: max(0.0, *c)),
    ),
    Mistake(
        "inverted-end",
        "The mask is the wrong way round: the next value counts when the outcome has *not* terminated.",
        make_sweep(bootstrap=lambda v, term: v if term else 0.0),
    ),
    Mistake(
        "sum-goes-on",
        "The sum over outcomes is not set back to 0 for each action.",
        make_sweep(pick=lambda c: max(np.cumsum(c))),
    ),
    Mistake(
        "probability-on-reward-only",
        "The probability weights the reward alone: the brackets of p · (r + γ V(s')) are missing.",
        lambda values, model, gamma: np.array(
            [
                max(sum(p * r + gamma * values[n] * (not end) for p, n, r, end in o) for o in actions.values())
                for actions in model.values()
            ]
        ),
    ),
    Mistake(
        "first-action",
        "It looks at action 0 only: take the maximum over all of `model[obs]`.",
        make_sweep(pick=lambda c: c[0]),
    ),
)

SWEEP = Exercise(
    id="value-iteration-sweep",
    name="value_iteration_sweep",
    notebook=NOTEBOOK,
    number="1.3",
    cases=(
        Case("Four states", {"values": np.array([1.0, -2.0, 3.0, 7.0]), "model": SMALL_MODEL, "gamma": 0.9}),
        Case("Negative rewards", {"values": np.array([-4.0, 2.5]), "model": BAD_MODEL, "gamma": 0.5}),
        Case("Without discount", {"values": np.array([0.5, 4.0, -1.0, 6.0]), "model": SMALL_MODEL, "gamma": 1.0}),
        Case("From zero", {"values": np.zeros(4), "model": SMALL_MODEL, "gamma": 0.9}),
    ),
    right=(sweep_loops, sweep_arrays),
    mistakes=SWEEP_MISTAKES,
    equivalent={"new_values = np.zeros(len(values)) → new_values = np.ones(len(values))": "every entry is overwritten"},
)

EXERCISES = (SWEEP,)
