"""The exercises of chapter 01 on choosing actions: 1.1 and 1.2."""

import numpy as np

from drl_helpers.exercises.compare import short, unusable
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "01_tabular_q_learning"
DRAWS = 4_000  # calls per case: a share is then known to about ±0.04 (five standard errors)


def observe_choices(attempt, case):
    """How often each action is chosen, what one choice is, and whether `rng` alone decides."""
    args = case.fresh_args()
    before = args["q_values"].copy()
    choices = [attempt(*args.values()) for _ in range(DRAWS)]
    again = case.fresh_args()
    repeated = [attempt(*again.values()) for _ in range(50)]
    odd = next((said for choice in choices if (said := oddity(choice, len(before))) is not None), None)
    share = {"a choice": "an action" if odd is None else odd}
    if odd is None:
        counts = np.bincount([int(choice) for choice in choices], minlength=len(before))
        share["the share of each action"] = np.round(counts / DRAWS, 2)
        share["the same rng gives the same choices"] = [int(c) for c in repeated] == [int(c) for c in choices[:50]]
    share["`q_values` stays as it was"] = np.array_equal(before, args["q_values"])
    return share


def oddity(choice, num_actions):
    """What is wrong with a choice that is no action: in words, or itself where those are known elsewhere."""
    if type(choice) is int and 0 <= choice < num_actions:  # so are nearly all
        return None
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

EXERCISES = (GREEDY, EPSILON)
