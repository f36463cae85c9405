"""Exercise 3.6 of chapter 03: acting ε-greedily in a batch."""

import numpy as np
import torch

from drl_helpers.exercises.case_network import CaseNetwork
from drl_helpers.exercises.chapter03_act_seen import Observations, expected_acting, observe_acting
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "03_deep_q_network"


def values_of(q_network, obs):
    """Q(s, ·) as a NumPy array."""
    return q_network(torch.from_numpy(obs)).detach().numpy()


def act_in_place(q_network, obs, epsilon, rng):
    actions = values_of(q_network, obs).argmax(axis=1)
    explores = rng.random(len(obs)) < epsilon
    actions[explores] = rng.integers(values_of(q_network, obs).shape[1], size=explores.sum())
    return actions


def act_by_rows(q_network, obs, epsilon, rng):
    return np.array(
        [rng.integers(len(row)) if rng.random() < epsilon else row.argmax() for row in values_of(q_network, obs)]
    )


def act_by_masking(q_network, obs, epsilon, rng):
    q_values = values_of(q_network, obs)
    random_values = rng.random(q_values.shape)
    explores = rng.binomial(1, epsilon, size=(len(obs), 1))
    return np.where(explores == 1, random_values, q_values).argmax(axis=1)


def make_act(greedy=lambda q: q.argmax(axis=1), coin=None, draw=None, returns=lambda actions: actions):
    """Acting with one part exchanged: `coin(rng, epsilon, batch)` and `draw(rng, num_actions, batch)`."""

    def attempt(q_network, obs, epsilon, rng):
        q_values = values_of(q_network, obs)
        batch, num_actions = q_values.shape
        explores = (coin or (lambda r, e, b: r.random(b) < e))(rng, epsilon, batch)
        random_actions = (draw or (lambda r, n, b: r.integers(n, size=b)))(rng, num_actions, batch)
        return returns(np.where(explores, random_actions, greedy(q_values)))

    return attempt


def _others(q_network, obs, epsilon, rng):
    q_values = values_of(q_network, obs)
    greedy, (batch, num_actions) = q_values.argmax(axis=1), q_values.shape
    shifted = (greedy + rng.integers(1, num_actions, size=batch)) % num_actions
    return np.where(rng.random(batch) < epsilon, shifted, greedy)


def _first_row(q_network, obs, epsilon, rng):
    return make_act(greedy=lambda q: np.full(len(q), q[0].argmax()))(q_network, obs, epsilon, rng)


ACT_MISTAKES = (
    Mistake(
        "one-coin",
        "One coin is thrown for the whole batch, so all rows explore or none does. Draw one number *a row*: "
        "`rng.random(batch)`.",
        make_act(coin=lambda rng, epsilon, batch: np.full(batch, rng.random() < epsilon)),
    ),
    Mistake(
        "one-random-action",
        "All rows that explore take the *same* random action: draw one a row, with `size=batch`.",
        make_act(draw=lambda rng, num_actions, batch: rng.integers(num_actions)),
    ),
    Mistake(
        "inverted",
        "ε and 1 − ε are swapped: a row explores with probability *ε*.",
        make_act(coin=lambda rng, epsilon, batch: rng.random(batch) >= epsilon),
    ),
    Mistake(
        "always-greedy",
        "It never explores: with probability ε a row's action is drawn at random.",
        make_act(coin=lambda rng, epsilon, batch: np.zeros(batch, bool)),
    ),
    Mistake(
        "never-greedy",
        "It always explores: with probability 1 − ε a row takes its best action.",
        make_act(coin=lambda rng, epsilon, batch: np.ones(batch, bool)),
    ),
    Mistake(
        "without-greedy",
        "It explores only among the *other* actions: exploring draws from all of them.",
        _others,
    ),
    Mistake(
        "never-last",
        "The last action is never explored: `rng.integers(n)` already stops before n.",
        make_act(draw=lambda rng, num_actions, batch: rng.integers(num_actions - 1, size=batch)),
    ),
    Mistake(
        "never-first",
        "Action 0 is never explored: actions are numbered from 0.",
        make_act(draw=lambda rng, num_actions, batch: rng.integers(1, num_actions, size=batch)),
    ),
    Mistake(
        "normal-noise",
        "`rng.normal` is not uniform: `rng.random(batch)` draws from [0, 1), so it is below ε with probability ε.",
        make_act(coin=lambda rng, epsilon, batch: rng.normal(size=batch) < epsilon),
    ),
    Mistake(
        "worst",
        "It takes the action with the *lowest* value when it does not explore: use `argmax`.",
        make_act(greedy=lambda q: q.argmin(axis=1)),
    ),
    Mistake("first-row", "Every row takes the best action of the *first* row: look for it row by row.", _first_row),
    Mistake(
        "over-everything",
        "`argmax` without an axis looks through the whole batch at once: use `axis=1` (in torch, `dim=1`).",
        lambda q_network, obs, epsilon, rng: np.where(
            rng.random(len(obs)) < epsilon,
            rng.integers(values_of(q_network, obs).shape[1], size=len(obs)),
            values_of(q_network, obs).argmax(),
        ),
    ),
    Mistake(
        "wrong-axis",
        "The best action is sought along axis 0, the batch, so one row a column comes out: use axis 1.",
        lambda q_network, obs, epsilon, rng: values_of(q_network, obs).argmax(axis=0),
    ),
    Mistake(
        "values",
        "It returns the highest *values*; the numbers of the *actions* are wanted: `argmax`, not `max`.",
        make_act(greedy=lambda q: q.max(axis=1)),
    ),
    Mistake(
        "a-list",
        "It returns a list; wrap it in `np.array`.",
        make_act(returns=lambda actions: actions.tolist()),
    ),
    Mistake(
        "a-tensor",
        "It returns a torch tensor; environments want NumPy: `.numpy()`.",
        make_act(returns=torch.from_numpy),
    ),
    Mistake(
        "one-number",
        "It returns the action of one row: return one for each.",
        make_act(returns=lambda actions: int(actions[0])),
    ),
    Mistake(
        "floats",
        "The actions are floats: keep them integers.",
        make_act(returns=lambda actions: actions.astype(np.float32)),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda q_network, obs, epsilon, rng: make_act()(q_network, obs, epsilon, np.random.default_rng()),
    ),
    Mistake(
        "no-detach",
        "A tensor with a gradient cannot become a NumPy array: call the network under `torch.no_grad()`.",
        lambda q_network, obs, epsilon, rng: q_network(torch.from_numpy(obs)).numpy(),
    ),
    Mistake(
        "not-a-tensor",
        "A network takes tensors: turn the observations into one with `torch.from_numpy(obs)`.",
        lambda q_network, obs, epsilon, rng: q_network.layers(obs),
    ),
)


def _acting(seed, kinds, sizes, epsilon):
    return {
        "q_network": CaseNetwork(seed, *sizes),
        "obs": Observations(seed, kinds, sizes[0]),
        "epsilon": epsilon,
        "rng": Rng(seed),
    }


ACT = Exercise(
    id="act-in-batch",
    name="act",
    notebook=NOTEBOOK,
    number="3.6",
    observe=observe_acting,
    expected=expected_acting,
    tolerance=0.05,
    cases=(
        Case("With ε = 0.5", _acting(1, 4, (3, 3, (8,)), 0.5)),
        Case("With ε = 0.2", _acting(2, 3, (4, 5, (8,)), 0.2)),
        Case("With ε = 0", _acting(3, 4, (3, 3, (8,)), 0.0)),
        Case("With ε = 1", _acting(4, 3, (2, 4, (8,)), 1.0)),
    ),
    right=(act_in_place, act_by_rows, act_by_masking),
    mistakes=ACT_MISTAKES,
    equivalent={
        "explores = rng.random(batch) < epsilon → explores = rng.random(batch) <= epsilon": (
            "the two are equal with probability 2⁻⁵³ at most"
        )
    },
)

EXERCISES = (ACT,)
