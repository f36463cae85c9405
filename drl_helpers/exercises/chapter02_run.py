"""The exercise of chapter 02 on a whole run with one bandit: 2.2."""

import numpy as np

from drl_helpers.exercises.chapter02_means import make_mean
from drl_helpers.exercises.chapter02_run_seen import LoggedBandit, mostly_best, observe, update_mean
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "02_exploration"


def make_run(
    act=lambda choose, q, n, step, rng: choose(q, n, step, rng),
    learn=update_mean,
    gap=lambda true_values, action, reward, q: true_values.max() - true_values[action],
    write=lambda regret, step, total, gap: regret.__setitem__(step - 1, total),
    pulls=1,
    late=False,
):
    """The loop with one part exchanged."""

    def attempt(bandit, choose, num_steps, rng, initial_value=0.0):
        q_values, counts = np.full(bandit.num_arms, float(initial_value)), np.zeros(bandit.num_arms, dtype=int)
        regret, total = np.zeros(num_steps), 0.0
        for step in range(1, num_steps + 1):
            action = act(choose, q_values, counts, step, rng)
            for _ in range(pulls):
                reward = bandit.pull(action)
            learn(q_values, counts, action, reward)
            now = gap(bandit.true_values, action, reward, q_values)
            if late:
                write(regret, step, total, now)
            total += now
            if not late:
                write(regret, step, total, now)
        return q_values, counts, regret

    return attempt


def run_by_lists(bandit, choose, num_steps, rng, initial_value=0.0):
    means, sums, counts = [np.full(bandit.num_arms, initial_value, dtype=float), np.zeros(bandit.num_arms), None]
    counts, gaps = np.zeros(bandit.num_arms, dtype=int), []
    for step in range(num_steps):
        chosen = choose(means, counts, step + 1, rng)
        sums[chosen] += bandit.pull(chosen)
        counts[chosen] += 1
        means[chosen] = sums[chosen] / counts[chosen]
        gaps.append(max(bandit.true_values) - bandit.true_values[chosen])
    return means, counts, np.cumsum(gaps)


def run_from_before(bandit, choose, num_steps, rng, initial_value=0.0):
    q_values, counts = np.full(bandit.num_arms, float(initial_value)), np.zeros(bandit.num_arms, dtype=int)
    regret = np.zeros(num_steps + 1)
    for step in range(1, num_steps + 1):
        arm = choose(q_values, counts, step, rng)
        update_mean(q_values, counts, arm, bandit.pull(arm))
        regret[step] = regret[step - 1] + np.max(bandit.true_values) - bandit.true_values[arm]
    return q_values, counts, regret[1:]


def _each(regret, step, total, gap):
    regret[step - 1] = gap


def _everywhere(regret, step, total, gap):
    regret[:] = total


RUN_MISTAKES = (
    Mistake(
        "never-learns",
        "`update_mean` is never called: the means stay at their initial value, whatever the arms pay.",
        make_run(learn=lambda *args: None),
    ),
    Mistake(
        "counts-only",
        "Only the counts change: call `update_mean`, which moves the mean as well.",
        make_run(learn=lambda q, n, action, reward: n.__setitem__(action, n[action] + 1)),
    ),
    Mistake(
        "counts-twice",
        "Each pull is counted twice: `update_mean` counts already.",
        make_run(learn=lambda *args: (update_mean(*args), args[1].__setitem__(args[2], args[1][args[2]] + 1))),
    ),
    Mistake(
        "updates-twice",
        "`update_mean` is called twice for one pull.",
        make_run(learn=lambda *args: (update_mean(*args), update_mean(*args))),
    ),
    Mistake(
        "fixed-step",
        "The means move by a fixed step: call `update_mean`.",
        make_run(learn=lambda q, n, a, r: make_mean(rate=lambda counts, action: 0.1)(q, n, a, r)),
    ),
    Mistake(
        "pulls-twice",
        "It pulls the arm twice a step, and learns from the second reward only: keep the reward in a variable.",
        make_run(pulls=2),
    ),
    Mistake(
        "own-choice",
        "The argument `choose` is not used: ask it which arm to pull, so that any strategy can be passed.",
        make_run(act=lambda choose, q, n, step, rng: int(np.argmax(q))),
    ),
    Mistake(
        "from-zero",
        "`choose` is told steps counted from 0: `step` runs from 1, and so it must be passed on.",
        make_run(act=lambda choose, q, n, step, rng: choose(q, n, step - 1, rng)),
    ),
    Mistake(
        "own-generator",
        "`choose` is not given the `rng` that was passed, so a run cannot be repeated from its seed.",
        make_run(act=lambda choose, q, n, step, rng: choose(q, n, step, np.random.default_rng())),
    ),
    Mistake(
        "not-summed",
        "The regret of each pull alone: it must add up, so that `regret[step − 1]` is the total so far.",
        make_run(write=_each),
    ),
    Mistake(
        "total-everywhere",
        "The whole array holds the last total: write it to `regret[step − 1]` alone.",
        make_run(write=_everywhere),
    ),
    Mistake(
        "one-late",
        "The total is written down before this pull's gap is added.",
        make_run(late=True),
    ),
    Mistake(
        "against-rewards",
        "The regret is measured with the *reward*, noise and all: it is the gap between the true values of the best "
        "arm and of the arm that was pulled.",
        make_run(gap=lambda true_values, action, reward, q: true_values.max() - reward),
    ),
    Mistake(
        "against-estimates",
        "The regret is measured with the agent's own means: it is the gap between *true* values.",
        make_run(gap=lambda true_values, action, reward, q: q.max() - q[action]),
    ),
    Mistake(
        "value-not-gap",
        "It adds up the true values themselves: the regret is what was missed, the best one minus the chosen one.",
        make_run(gap=lambda true_values, action, reward, q: true_values[action]),
    ),
    Mistake(
        "sum-of-rewards",
        "It adds up the rewards; the regret is what was missed: the best true value minus the chosen one.",
        make_run(gap=lambda true_values, action, reward, q: reward),
    ),
    Mistake(
        "wrong-sign",
        "The regret has the wrong sign: best minus chosen, which is never negative.",
        make_run(gap=lambda true_values, action, reward, q: true_values[action] - true_values.max()),
    ),
    Mistake(
        "against-zero",
        "The gap is taken to 0, not to the best arm's true value.",
        make_run(gap=lambda true_values, action, reward, q: 0 - true_values[action]),
    ),
    Mistake(
        "no-regret",
        "`regret` stays zero: write the total to `regret[step − 1]` at each step.",
        make_run(write=lambda *args: None),
    ),
)


def _run_args(true_values, num_steps, initial_value, seed):
    bandit = {"bandit": LoggedBandit(true_values), "choose": mostly_best, "num_steps": num_steps}
    return bandit | {"rng": Rng(seed), "initial_value": initial_value}


RUN = Exercise(
    id="bandit-run",
    name="run_bandit",
    notebook=NOTEBOOK,
    number="2.2",
    observe=observe,
    cases=(
        Case("40 pulls of four arms", _run_args([0.3, 1.4, -0.6, 0.9], 40, 0.0, 1)),
        Case("25 pulls from an initial value of 5", _run_args([-0.2, 0.5, 1.7], 25, 5.0, 2)),
        Case("All arms lose", _run_args([-3.0, -1.5, -2.5, -4.0, -1.0], 60, -1.0, 3)),
    ),
    right=(make_run(), run_by_lists, run_from_before),
    mistakes=RUN_MISTAKES,
)

EXERCISES = (RUN,)
