"""The exercises of chapter 01: tabular Q-learning."""

import gymnasium as gym
import numpy as np

from drl_helpers.exercises.compare import short, unusable
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "01_tabular_q_learning"
DRAWS = 4_000  # calls per case: a share is then known to about ±0.04 (five standard errors)


# --- 1.1 and 1.2: choosing actions ------------------------------------------------------------


def observe_choices(attempt, case):
    """How often each action is chosen, what one choice is, and whether `rng` alone decides."""
    args = case.fresh_args()
    before = args["q_values"].copy()
    choices = [attempt(*args.values()) for _ in range(DRAWS)]
    again = case.fresh_args()
    repeated = [attempt(*again.values()) for _ in range(50)]
    odd = [said for choice in choices if (said := _oddity(choice, len(before))) is not None]
    share = {"a choice": odd[0] if odd else "an action"}
    if not odd:
        counts = np.bincount([int(choice) for choice in choices], minlength=len(before))
        share["the share of each action"] = np.round(counts / DRAWS, 2)
        share["the same rng gives the same choices"] = [int(c) for c in repeated] == [int(c) for c in choices[:50]]
    share["`q_values` stays as it was"] = np.array_equal(before, args["q_values"])
    return share


def _oddity(choice, num_actions):
    """What is wrong with a choice that is no action: in words, or itself where those are known elsewhere."""
    if isinstance(choice, np.ndarray) and choice.ndim == 0:
        choice = choice[()]
    if unusable(choice) is not None:
        return choice
    if isinstance(choice, np.ndarray | list | tuple):
        return f"{short(choice)}, a sequence where one integer is wanted"
    if isinstance(choice, bool | np.bool_) or not isinstance(choice, int | np.integer):
        return f"{short(choice)}, which is no integer"
    if not 0 <= choice < num_actions:
        return f"{choice}, but the actions are 0 to {num_actions - 1}"
    return None


def expected_choices(case):
    """The exact shares: all best actions alike with 1 − ε, and all actions alike with ε."""
    q_values, epsilon = case.args["q_values"], case.args.get("epsilon", 0.0)
    best = q_values == q_values.max()
    return {
        "a choice": "an action",
        "the share of each action": epsilon / len(q_values) + (1 - epsilon) * best / best.sum(),
        "the same rng gives the same choices": True,
        "`q_values` stays as it was": True,
    }


def greedy_where(q_values, rng):
    return int(rng.choice(np.where(q_values == np.max(q_values))[0]))


def greedy_list(q_values, rng):
    best = max(q_values)
    ties = [action for action, value in enumerate(q_values) if value == best]
    return ties[rng.integers(len(ties))]


def greedy_noise(q_values, rng):
    return np.lexsort((rng.random(len(q_values)), q_values))[-1]


GREEDY_MISTAKES = (
    Mistake(
        "first-tie",
        "Ties go to the first action: `argmax` does that. With a table of zeros the agent would always "
        "do action 0. Collect every action whose value is the maximum, and let `rng` pick one of them.",
        lambda q_values, rng: int(np.argmax(q_values)),
    ),
    Mistake(
        "last-tie",
        "Ties always fall on the last action. Collect every action whose value is the maximum, and let the `rng` "
        "that is passed pick one (a generator made anew at each call always picks the same).",
        lambda q_values, rng: int(len(q_values) - 1 - np.argmax(q_values[::-1])),
    ),
    Mistake(
        "worst",
        "It picks the action with the *lowest* value: use the maximum.",
        lambda q_values, rng: int(rng.choice(np.flatnonzero(q_values == q_values.min()))),
    ),
    Mistake(
        "random",
        "Every action is chosen equally often: the values play no part in the choice.",
        lambda q_values, rng: int(rng.integers(len(q_values))),
    ),
    Mistake(
        "value",
        "It returns the highest *value*; the number of the *action* that has it is wanted.",
        lambda q_values, rng: q_values.max(),
    ),
    Mistake(
        "absolute-values",
        "It compares the values without their signs: −9 is less than −2.",
        lambda q_values, rng: greedy_where(np.abs(q_values), rng),
    ),
    Mistake(
        "all-ties",
        "It returns all the best actions; let `rng` pick one of them.",
        lambda q_values, rng: np.flatnonzero(q_values == q_values.max()),
    ),
    Mistake(
        "position-in-ties",
        "It returns a position in the list of best actions, not the action at that position.",
        lambda q_values, rng: int(rng.integers(len(np.flatnonzero(q_values == q_values.max())))),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda q_values, rng: int(np.random.choice(np.flatnonzero(q_values == q_values.max()))),
    ),
)

GREEDY = Exercise(
    id="greedy-action",
    name="greedy_action",
    notebook=NOTEBOOK,
    number="1.1",
    observe=observe_choices,
    expected=expected_choices,
    tolerance=0.045,
    gives="an action, as an integer",
    cases=(
        Case("Two actions tie for the best", {"q_values": np.array([0.0, 2.0, 1.0, 2.0]), "rng": Rng(1)}),
        Case("One action is best", {"q_values": np.array([-1.0, -3.0, 0.5]), "rng": Rng(2)}),
        Case("All actions tie", {"q_values": np.zeros(4), "rng": Rng(3)}),
        Case("Values differ by little", {"q_values": np.array([0.3, 0.301, 0.3005]), "rng": Rng(5)}),
        Case("All values are negative", {"q_values": np.array([-13.0, -2.0, -2.0, -9.0, -2.0]), "rng": Rng(4)}),
    ),
    right=(greedy_where, greedy_list, greedy_noise),
    mistakes=GREEDY_MISTAKES,
)


def epsilon_branches(q_values, epsilon, rng):
    if rng.random() < epsilon:
        return int(rng.integers(len(q_values)))
    return greedy_where(q_values, rng)


def epsilon_probabilities(q_values, epsilon, rng):
    best = q_values == q_values.max()
    return rng.choice(len(q_values), p=epsilon / len(q_values) + (1 - epsilon) * best / best.sum())


def epsilon_binomial(q_values, epsilon, rng):
    explore = rng.binomial(1, epsilon)
    return rng.choice(np.arange(q_values.size)) if explore else greedy_list(q_values, rng)


def _explore_others(q_values, epsilon, rng):
    greedy = greedy_where(q_values, rng)
    others = [action for action in range(len(q_values)) if action != greedy]
    return int(rng.choice(others)) if rng.random() < epsilon else greedy


EPSILON_MISTAKES = (
    Mistake(
        "inverted",
        "ε and 1 − ε are swapped: with probability *ε* the agent explores, else it is greedy.",
        lambda q_values, epsilon, rng: epsilon_branches(q_values, 1 - epsilon, rng),
    ),
    Mistake(
        "always-greedy",
        "It never explores: with probability ε an action must be drawn at random, whatever the values.",
        lambda q_values, epsilon, rng: greedy_where(q_values, rng),
    ),
    Mistake(
        "never-greedy",
        "It always explores: with probability 1 − ε the greedy action must be taken.",
        lambda q_values, epsilon, rng: int(rng.integers(len(q_values))),
    ),
    Mistake(
        "without-greedy",
        "It explores only among the *other* actions. Exploring draws from all of them, so that the greedy "
        "action is taken with probability 1 − ε + ε/n.",
        _explore_others,
    ),
    Mistake(
        "never-last",
        "The last action is never explored: `rng.integers(n)` already stops before n, so n itself is its limit.",
        lambda q_values, epsilon, rng: (
            int(rng.integers(len(q_values) - 1)) if rng.random() < epsilon else greedy_where(q_values, rng)
        ),
    ),
    Mistake(
        "never-first",
        "Action 0 is never explored: actions are numbered from 0.",
        lambda q_values, epsilon, rng: (
            int(rng.integers(1, len(q_values))) if rng.random() < epsilon else greedy_where(q_values, rng)
        ),
    ),
    Mistake(
        "first-tie",
        "When it is greedy, ties always go to the first action: call your `greedy_action`.",
        lambda q_values, epsilon, rng: (
            int(rng.integers(len(q_values))) if rng.random() < epsilon else int(np.argmax(q_values))
        ),
    ),
    Mistake(
        "normal-noise",
        "`rng.normal()` is not uniform: `rng.random()` draws from [0, 1), so it is below ε with probability ε.",
        lambda q_values, epsilon, rng: (
            int(rng.integers(len(q_values))) if rng.normal() < epsilon else greedy_where(q_values, rng)
        ),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda q_values, epsilon, rng: epsilon_branches(q_values, epsilon, np.random.default_rng()),
    ),
)

EPSILON = Exercise(
    id="epsilon-greedy",
    name="epsilon_greedy",
    notebook=NOTEBOOK,
    number="1.2",
    observe=observe_choices,
    expected=expected_choices,
    tolerance=0.045,
    gives="an action, as an integer",
    cases=(
        Case("With ε = 0.6", {"q_values": np.array([0.0, 1.0, 0.5]), "epsilon": 0.6, "rng": Rng(1)}),
        Case("With ε = 0.2", {"q_values": np.array([-1.0, -4.0, -0.5, -3.0]), "epsilon": 0.2, "rng": Rng(2)}),
        Case("With ε = 0", {"q_values": np.array([3.0, 1.0, 2.0]), "epsilon": 0.0, "rng": Rng(3)}),
        Case("With ε = 1", {"q_values": np.array([3.0, 1.0]), "epsilon": 1.0, "rng": Rng(4)}),
        Case("With a tie, ε = 0.3", {"q_values": np.array([2.0, 0.0, 2.0, 2.0]), "epsilon": 0.3, "rng": Rng(5)}),
    ),
    right=(epsilon_branches, epsilon_probabilities, epsilon_binomial),
    mistakes=EPSILON_MISTAKES,
    equivalent={
        "if rng.random() < epsilon: → if rng.random() <= epsilon:": "the two are equal with probability 2⁻⁵³ at most"
    },
)


# --- 1.3: value iteration ---------------------------------------------------------------------

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
    gives="the new values, an array of shape (states,)",
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


# --- 1.4 and 1.6: one update ------------------------------------------------------------------


def q_update_plain(q_table, obs, action, reward, next_obs, terminated, learning_rate, gamma):
    td_target = reward + (0 if terminated else gamma * max(q_table[next_obs]))
    td_error = td_target - q_table[obs, action]
    q_table[obs, action] += learning_rate * td_error
    return td_error


def q_update_blend(q_table, obs, action, reward, next_obs, terminated, learning_rate, gamma):
    old = float(q_table[obs][action])
    target = reward + gamma * (1 - terminated) * np.amax(q_table, axis=1)[next_obs]
    q_table[obs][action] = (1 - learning_rate) * old + learning_rate * target
    return target - old


def make_update(
    value=None,
    target=lambda r, g, v: r + g * v,
    step=lambda old, a, t: old + a * (t - old),
    returns=lambda old, t, new: t - old,
    mask="value",
    where="obs",
):
    """A one-step update with one part exchanged; `value(row, action, next_row, next_action)`."""

    def attempt(q_table, obs, action, reward, next_obs, *rest):
        *next_action, terminated, learning_rate, gamma = rest
        pick = value or (lambda row, a, next_row, next_a: next_row[next_a[0]] if next_a else next_row.max())
        next_value = pick(q_table[obs], action, q_table[next_obs], next_action)
        goal = target(reward, gamma, 0.0 if terminated and mask == "value" else next_value)
        goal = 0.0 if terminated and mask == "target" else goal
        old = q_table[obs, action]
        new = step(old, learning_rate, goal)
        if not (terminated and mask == "update"):
            place = {"obs": (obs, action), "next": (next_obs, action), "row": obs, "column": (slice(None), action)}
            place["next action"] = (obs, *next_action)
            q_table[place[where]] += new - old
        return returns(old, goal, new)

    return attempt


def _update_of_a_copy(q_table, *args):
    return make_update()(q_table.copy(), *args)


def _inverted_mask(q_table, obs, action, reward, next_obs, *rest):
    *next_action, terminated, learning_rate, gamma = rest
    return make_update()(q_table, obs, action, reward, next_obs, *next_action, not terminated, learning_rate, gamma)


SHARED_UPDATE_MISTAKES = (
    Mistake(
        "bootstraps-past-the-end",
        "It adds the value of the next state even when the episode has `terminated`. Nothing follows the end: "
        "there the target is the reward alone.",
        make_update(mask="none"),
    ),
    Mistake(
        "mask-covers-the-reward",
        "At the end the reward is lost too: the mask must cover the next value alone. Check the brackets.",
        make_update(mask="target"),
    ),
    Mistake(
        "no-update-at-the-end",
        "The last step of an episode changes nothing: it must be learned too, with the reward alone as its target.",
        make_update(mask="update"),
    ),
    Mistake(
        "swapped-settings",
        "The learning rate and the discount are swapped.",
        lambda *args: make_update()(*args[:-2], args[-1], args[-2]),
    ),
    Mistake(
        "inverted-mask",
        "The mask is the wrong way round: the next state's value counts when the episode has *not* terminated.",
        _inverted_mask,
    ),
    Mistake(
        "no-gamma",
        "The discount γ is missing: the target is r + γ · next value.",
        make_update(target=lambda r, g, v: r + v),
    ),
    Mistake(
        "gamma-everywhere",
        "The reward is discounted too. γ stands before the *next* value only.",
        make_update(target=lambda r, g, v: g * (r + v)),
    ),
    Mistake("no-reward", "The reward is missing from the target.", make_update(target=lambda r, g, v: g * v)),
    Mistake(
        "no-bootstrap", "The next state's value is missing from the target.", make_update(target=lambda r, g, v: r)
    ),
    Mistake(
        "no-learning-rate",
        "The learning rate is missing: it jumps all the way to the target in place of a step of size α.",
        make_update(step=lambda old, a, t: t),
    ),
    Mistake(
        "swapped-blend",
        "α and 1 − α are swapped: the *old* value keeps the share 1 − α.",
        make_update(step=lambda old, a, t: a * old + (1 - a) * t),
    ),
    Mistake(
        "wrong-sign",
        "It steps away from the target: add α times (target − old value).",
        make_update(step=lambda old, a, t: old - a * (t - old)),
    ),
    Mistake(
        "adds-the-target",
        "It adds α times the *target*; add α times the TD error, target − old value.",
        make_update(step=lambda old, a, t: old + a * t),
    ),
    Mistake(
        "overwrites-with-the-step",
        "It stores α times the TD error in place of adding it to the old value (`=` where `+=` belongs).",
        make_update(step=lambda old, a, t: a * (t - old)),
    ),
    Mistake("row", "It writes to the whole row: only the entry [obs, action] may change.", make_update(where="row")),
    Mistake(
        "column", "It writes to the whole column: only the entry [obs, action] may change.", make_update(where="column")
    ),
    Mistake(
        "next-entry",
        "It changes the entry of the state you *reached*; the one you *left* is updated.",
        make_update(where="next"),
    ),
    Mistake(
        "not-in-place",
        "The table it was given has not changed: is the line missing that changes `q_table`, or does it change a copy?",
        _update_of_a_copy,
    ),
    Mistake(
        "returns-the-target",
        "It returns the TD target; return the TD error, target − old value.",
        make_update(returns=lambda o, t, n: t),
    ),
    Mistake(
        "returns-late",
        "The TD error is computed after the update, so it is too small by α: compute it first.",
        make_update(returns=lambda o, t, n: t - n),
    ),
    Mistake(
        "returns-the-step",
        "It returns α times the TD error; return the TD error itself.",
        make_update(returns=lambda o, t, n: n - o),
    ),
    Mistake(
        "returns-the-value", "It returns the new value; return the TD error.", make_update(returns=lambda o, t, n: n)
    ),
    Mistake(
        "both-signs",
        "The TD error has the wrong sign (it is target − old value), so the step goes away from the target too.",
        make_update(step=lambda old, a, t: old - a * (t - old), returns=lambda o, t, n: o - t),
    ),
    Mistake(
        "absolute-error",
        "The TD error has lost its sign: it may be negative, so leave `abs` out.",
        make_update(step=lambda old, a, t: old + a * abs(t - old), returns=lambda o, t, n: abs(t - o)),
    ),
    Mistake(
        "negative-error",
        "The TD error has the wrong sign: it is target − old value.",
        make_update(returns=lambda o, t, n: o - t),
    ),
    Mistake(
        "returns-nothing",
        "Nothing is returned: return the TD error.",
        make_update(returns=lambda o, t, n: None),
    ),
)

Q_UPDATE_MISTAKES = (
    Mistake(
        "state-left",
        "This is the value at the state you *left*, not the one you *reached*: bootstrap from `next_obs`.",
        make_update(value=lambda row, a, next_row, _: row.max()),
    ),
    Mistake(
        "same-action",
        "It takes Q(s', a) for the action just taken; Q-learning takes the maximum over all actions in s'.",
        make_update(value=lambda row, a, next_row, _: next_row[a]),
    ),
    Mistake(
        "argmax",
        "It uses the *number* of the best action (`argmax`) where its *value* (`max`) belongs.",
        make_update(value=lambda row, a, next_row, _: next_row.argmax()),
    ),
    Mistake(
        "min",
        "It takes the worst action's value in s': use the maximum.",
        make_update(value=lambda row, a, n, _: n.min()),
    ),
    Mistake(
        "mean",
        "It averages over the actions in s'; Q-learning takes the maximum.",
        make_update(value=lambda row, a, next_row, _: next_row.mean()),
    ),
    *SHARED_UPDATE_MISTAKES,
)

TABLE = np.array([[0.5, 1.0, -0.5], [2.0, 4.0, -3.0], [0.0, 8.0, 6.0]])  # row 2 is terminal, and yet not zero


def _step_args(table, obs, action, reward, next_obs, terminated, learning_rate, gamma, next_action=None):
    args = {"q_table": table, "obs": obs, "action": action, "reward": reward, "next_obs": next_obs}
    if next_action is not None:
        args["next_action"] = next_action
    return args | {"terminated": terminated, "learning_rate": learning_rate, "gamma": gamma}


Q_UPDATE = Exercise(
    id="q-update",
    name="q_learning_update",
    notebook=NOTEBOOK,
    number="1.4",
    mutates=("q_table",),
    gives="the TD error, one number",
    cases=(
        Case("An ordinary step", _step_args(TABLE, 0, 2, 1.5, 1, False, 0.1, 0.9)),
        Case("The last step of an episode", _step_args(TABLE, 1, 0, -1.0, 2, True, 0.25, 0.9)),
        Case("A step that stays where it is", _step_args(TABLE, 1, 2, -2.0, 1, False, 0.5, 0.8)),
        Case("Values below zero", _step_args(-TABLE - 9.0, 0, 0, -1.0, 1, False, 0.2, 1.0)),
    ),
    right=(q_update_plain, q_update_blend),
    mistakes=Q_UPDATE_MISTAKES,
)


def sarsa_plain(q_table, obs, action, reward, next_obs, next_action, terminated, learning_rate, gamma):
    td_target = reward
    if not terminated:
        td_target += gamma * q_table[next_obs, next_action]
    td_error = td_target - q_table[obs, action]
    q_table[obs, action] += learning_rate * td_error
    return td_error


def sarsa_blend(q_table, obs, action, reward, next_obs, next_action, terminated, learning_rate, gamma):
    old, following = q_table[obs][action], q_table[next_obs][next_action]
    target = reward + gamma * following * (not terminated)
    q_table[obs][action] = old * (1 - learning_rate) + target * learning_rate
    return float(target - old)


SARSA_MISTAKES = (
    Mistake(
        "maximum",
        "That is Q-learning: it takes the best action in s'. SARSA takes the one that will be taken, `next_action`.",
        make_update(value=lambda row, a, next_row, _: next_row.max()),
    ),
    Mistake(
        "same-action",
        "It uses Q(s', a) for the action just taken; SARSA uses `next_action`, the one taken in s'.",
        make_update(value=lambda row, a, next_row, _: next_row[a]),
    ),
    Mistake(
        "state-left",
        "It looks `next_action` up in the state you *left*; the state you *reached* is `next_obs`.",
        make_update(value=lambda row, a, next_row, next_a: row[next_a[0]]),
    ),
    Mistake(
        "writes-to-the-next-action",
        "It changes the entry of `next_action`; the one of `action`, just taken, is updated.",
        make_update(where="next action"),
    ),
    Mistake(
        "mean",
        "It averages over the actions in s' (that would be Expected SARSA under a random policy): use `next_action`.",
        make_update(value=lambda row, a, next_row, _: next_row.mean()),
    ),
    *SHARED_UPDATE_MISTAKES,
)

SARSA = Exercise(
    id="sarsa-update",
    name="sarsa_update",
    notebook=NOTEBOOK,
    number="1.6",
    mutates=("q_table",),
    gives="the TD error, one number",
    cases=(
        Case("An ordinary step", _step_args(TABLE, 0, 1, 1.5, 1, False, 0.1, 0.9, next_action=2)),
        Case("The last step of an episode", _step_args(TABLE, 1, 0, -1.0, 2, True, 0.25, 0.9, next_action=2)),
        Case("A step that stays where it is", _step_args(TABLE, 1, 2, -2.0, 1, False, 0.5, 0.8, next_action=0)),
        Case("Values below zero", _step_args(-TABLE - 9.0, 0, 0, -1.0, 1, False, 0.2, 1.0, next_action=1)),
    ),
    right=(sarsa_plain, sarsa_blend),
    mistakes=SARSA_MISTAKES,
)


# --- 1.5: the training loop -------------------------------------------------------------------


class Corridor(gym.Env):
    """Five states in a row, start in the middle; both ends terminate, the right one with reward 1.

    Each step costs 0.1. After `limit` steps the episode is truncated, not terminated. It writes down
    every transition, so that what an agent learned can be held against what it met.
    """

    observation_space, action_space = gym.spaces.Discrete(5), gym.spaces.Discrete(2)

    def __init__(self, limit):
        self.limit, self.log, self.resets, self.over = limit, [], 0, "never reset"

    def __repr__(self):
        return "corridor"

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.obs, self.steps, self.over = 2, 0, None
        self.resets += 1
        return self.obs, {}

    def step(self, action):
        if self.over:
            raise RuntimeError(f"`env.step` was called although the episode was over ({self.over})")
        obs, self.obs, self.steps = self.obs, self.obs + (1 if action == 1 else -1), self.steps + 1
        terminated = self.obs in (0, 4)
        truncated = not terminated and self.steps >= self.limit
        reward = (1.0 if self.obs == 4 else 0.0) - 0.1
        self.over = "terminated" if terminated else "truncated" if truncated else None
        self.log.append((self.resets, obs, int(action), reward, self.obs, terminated, truncated))
        return self.obs, reward, terminated, truncated, {}


def replay(log, table, learning_rate, gamma, rule):
    """The table that `rule` makes of a log of transitions."""
    table, start, episode, settings = table.copy(), 2, 0, (learning_rate, gamma)
    for resets, obs, action, reward, next_obs, terminated, truncated in log:
        if resets != episode:
            start, episode = obs, resets
        if rule == "truncation as termination":
            terminated = terminated or truncated
        elif rule == "never terminates":
            terminated = False
        elif rule == "truncation in place of termination":
            terminated = truncated
        elif rule == "inverted flag":
            terminated = not terminated
        elif rule == "first state of the episode":
            obs = start
        elif rule == "after moving on":
            obs = next_obs
        elif rule == "α and γ swapped":
            settings = (gamma, learning_rate)
        elif rule == "states swapped":
            obs, next_obs = next_obs, obs
        if rule != "no update":
            q_update_plain(table, obs, action, reward, next_obs, terminated, *settings)
    return table


RULES = (
    "Q-learning",
    "no update",
    "truncation as termination",
    "truncation in place of termination",
    "never terminates",
    "inverted flag",
    "first state of the episode",
    "after moving on",
    "states swapped",
    "α and γ swapped",
)


def observe_training(attempt, case):
    """Which rule reproduces the table, how the agent acted, and what it says it earned."""
    args = case.fresh_args()
    env, before = args["env"], args["q_table"].copy()
    calls, again = [], case.fresh_args()
    attempt(*again.values(), on_episode=None)
    used = {"choose": 0, "update": 0}

    def spy(name):
        function = args[name]

        def counted(*arguments, **keywords):
            used[name] += 1
            return function(*arguments, **keywords)

        return counted

    args |= {name: spy(name) for name in used}
    returns = attempt(
        *args.values(), on_episode=lambda episode, value: calls.append((episode, float(value), env.resets))
    )
    arithmetic = [
        rule
        for rule in RULES
        if np.allclose(args["q_table"], replay(env.log, before, args["learning_rate"], args["gamma"], rule))
    ]
    seen = {
        "the number of episodes": env.resets,
        "the update, as the finished table shows it,": arithmetic[0] if arithmetic else "none that is known",
        "the return value": returns,
        **{f"the argument `{name}` is called": _often(count, len(env.log)) for name, count in used.items()},
    }
    if isinstance(returns, np.ndarray) and returns.shape == (env.resets,):
        seen["the return value"] = _meaning(returns, env.log)
        seen["what `on_episode` was told"] = _meaning(np.array([value for _, value, _ in calls]), env.log)
        at_once = [(episode, resets) for episode, _, resets in calls] == [(n, n + 1) for n in range(env.resets)]
        seen["when `on_episode` was called"] = "after each episode" if at_once else "at other times"
    seen["the same rng gives the same actions"] = [s[2] for s in env.log] == [s[2] for s in again["env"].log]
    if args["learning_rate"] == 0:
        seen["the share of greedy actions"] = float(np.mean([before[o].argmax() == a for _, o, a, *_ in env.log]))
    return seen


def _often(count, steps):
    return "once a step" if count == steps else f"{count} times in {steps} steps"


def _meaning(numbers, log):
    """What `numbers`, one an episode, are: in words."""
    if not log:
        return "nothing: `env.step` was never called"
    rewards = [[step[3] for step in log if step[0] == episode] for episode in range(1, log[-1][0] + 1)]
    known = {
        "the sum of rewards of each episode": [sum(r) for r in rewards],
        "the last reward of each episode": [r[-1] for r in rewards],
        "the number of steps of each episode": [len(r) for r in rewards],
        "zeros": [0.0 for _ in rewards],
    }
    fits = [words for words, values in known.items() if len(numbers) == len(values) and np.allclose(numbers, values)]
    return fits[0] if fits else "other numbers"


def make_loop(
    flag=lambda terminated, truncated: terminated,
    act=None,
    learn=None,
    over=lambda terminated, truncated: terminated or truncated,
    add=lambda total, reward: total + reward,
    forward=True,
    early=False,
    everywhere=False,
    swapped=False,
):
    """The training loop with one part exchanged."""

    def attempt(env, q_table, choose, update, num_episodes, learning_rate, gamma, epsilon, rng, on_episode=None):
        choose, update = act or choose, learn or update
        settings = (gamma, learning_rate) if swapped else (learning_rate, gamma)
        returns = np.zeros(num_episodes)
        for episode in range(num_episodes):
            obs, _ = env.reset(seed=int(rng.integers(2**31)))
            done = False
            while not done:
                action = choose(q_table[obs], epsilon, rng)
                next_obs, reward, terminated, truncated, _ = env.step(action)
                left = next_obs if early else obs
                update(q_table, left, action, reward, next_obs, flag(terminated, truncated), *settings)
                where = slice(None) if everywhere else episode
                returns[where] = add(returns[where], reward)
                obs = next_obs if forward else obs
                done = over(terminated, truncated)
            if on_episode is not None:
                on_episode(episode, returns[episode])
        return returns

    return attempt


def loop_with_break(env, q_table, choose, update, num_episodes, learning_rate, gamma, epsilon, rng, on_episode=None):
    all_returns = []
    while len(all_returns) < num_episodes:
        state, total = env.reset()[0], 0.0
        while True:
            action = choose(q_table[state], epsilon, rng)
            new_state, reward, terminated, truncated, _ = env.step(int(action))
            update(q_table, state, action, reward, new_state, terminated, learning_rate, gamma)
            state, total = new_state, total + reward
            if terminated | truncated:
                break
        all_returns.append(total)
        if on_episode:
            on_episode(len(all_returns) - 1, total)
    return np.array(all_returns)


def _swapped_update(q_table, obs, action, reward, next_obs, *rest):
    return q_update_plain(q_table, next_obs, action, reward, obs, *rest)


def _unseeded_loop(env, q_table, choose, *rest, **keywords):
    def unseeded(q_values, epsilon, rng):
        return choose(q_values, epsilon, np.random.default_rng())

    return make_loop()(env, q_table, unseeded, *rest, **keywords)


LOOP_MISTAKES = (
    Mistake(
        "own-choose",
        "The argument `choose` is not used: call `choose(...)`, so that another rule can be passed later.",
        make_loop(act=lambda q, epsilon, rng: epsilon_branches(q, epsilon, rng)),
    ),
    Mistake(
        "own-update",
        "The argument `update` is not used: call `update(...)`, so that another rule can be passed later.",
        make_loop(learn=lambda *args: q_update_plain(*args)),
    ),
    Mistake(
        "swapped-settings",
        "The learning rate and the discount are swapped in the call of `update`.",
        make_loop(swapped=True),
    ),
    Mistake(
        "all-episodes",
        "Each reward is added to *all* returns: write `returns[episode] += reward`.",
        make_loop(everywhere=True),
    ),
    Mistake(
        "truncation-as-termination",
        "The update is told that the episode ended (`terminated or truncated`) where it was only cut off. After a "
        "*truncation* the world would have gone on, so the next value still counts: pass `terminated` alone.",
        make_loop(flag=lambda terminated, truncated: terminated or truncated),
    ),
    Mistake(
        "never-terminates",
        "The update never learns that an episode has terminated: pass `terminated` on to it.",
        make_loop(flag=lambda terminated, truncated: False),
    ),
    Mistake(
        "flag-swapped",
        "The update is given `truncated` where `terminated` belongs.",
        make_loop(flag=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "flag-inverted",
        "The update is given `not terminated`: pass `terminated` as it is.",
        make_loop(flag=lambda terminated, truncated: not terminated),
    ),
    Mistake(
        "ignores-truncation",
        "The loop goes on after a truncation: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "ignores-termination",
        "The loop goes on after a termination: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "stays-behind",
        "`obs` never moves on: at the end of each step the state you reached becomes the state you are in.",
        make_loop(forward=False),
    ),
    Mistake(
        "moves-on-too-early", "`obs` is overwritten before the update has used it: move on last.", make_loop(early=True)
    ),
    Mistake("states-swapped", "`obs` and `next_obs` are swapped in the update.", make_loop(learn=_swapped_update)),
    Mistake("no-update", "The table is never updated: call `update` after each step.", make_loop(learn=lambda *a: 0.0)),
    Mistake(
        "always-greedy",
        "The agent acts greedily: choose actions with `choose(q_table[obs], epsilon, rng)`.",
        make_loop(act=lambda q, epsilon, rng: greedy_where(q, rng)),
    ),
    Mistake(
        "always-random",
        "The agent acts at random: choose actions with `choose`, from the values of the current state.",
        make_loop(act=lambda q, epsilon, rng: int(rng.integers(len(q)))),
    ),
    Mistake(
        "own-generator",
        "The choice does not draw from the `rng` that is passed, so a run cannot be repeated from its seed.",
        _unseeded_loop,
    ),
    Mistake(
        "last-reward",
        "Only the last reward is kept: add each reward to the episode's return.",
        make_loop(add=lambda total, reward: reward),
    ),
    Mistake("counts-steps", "It counts steps: add the reward, not 1.", make_loop(add=lambda total, reward: total + 1)),
    Mistake(
        "no-returns",
        "The returns stay zero: add each reward to the episode's return.",
        make_loop(add=lambda total, reward: total),
    ),
)

PREFERENCES = np.array([[0.0, 0.0], [0.0, 5.0], [5.0, 0.0], [0.0, 5.0], [0.0, 0.0]])


def _loop_args(table, episodes, learning_rate, gamma, epsilon, limit, seed):
    args = {"env": Corridor(limit), "q_table": table, "choose": epsilon_branches, "update": q_update_plain}
    settings = {"num_episodes": episodes, "learning_rate": learning_rate, "gamma": gamma, "epsilon": epsilon}
    return args | settings | {"rng": Rng(seed)}


LOOP = Exercise(
    id="q-learning-loop",
    name="train_q_learning",
    notebook=NOTEBOOK,
    number="1.5",
    observe=observe_training,
    tolerance=0.05,
    gives="the return of each episode, an array of shape (num_episodes,)",
    cases=(
        Case("A corridor of five states", _loop_args(np.full((5, 2), 2.0), 40, 0.5, 0.9, 0.3, 6, seed=1)),
        Case("Episodes cut off after 3 steps", _loop_args(np.full((5, 2), 3.0), 30, 0.3, 0.8, 1.0, 3, seed=2)),
        Case("How it acts (α = 0, ε = 0.4)", _loop_args(PREFERENCES, 400, 0.0, 0.9, 0.4, 8, seed=3)),
    ),
    right=(make_loop(), loop_with_break),
    mistakes=LOOP_MISTAKES,
)

EXERCISES = (GREEDY, EPSILON, SWEEP, Q_UPDATE, LOOP, SARSA)
