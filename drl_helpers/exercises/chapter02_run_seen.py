"""What can be seen of a run with one bandit: the observations of exercise 2.2 of chapter 02."""

import numpy as np

from drl_helpers.exercises.chapter02_means import make_mean

update_mean = make_mean()


class LoggedBandit:
    """A bandit whose rewards follow a fixed list, and which writes down what is pulled."""

    def __init__(self, true_values):
        self.true_values, self.num_arms, self.pulls = np.array(true_values), len(true_values), []

    def __repr__(self):
        return "bandit"

    def pull(self, action):
        """The true value, plus noise that differs from pull to pull and from arm to arm."""
        reward = float(self.true_values[action] + np.sin(3.0 * len(self.pulls) + action))
        self.pulls.append((int(action), reward))
        return reward


def mostly_best(q_values, counts, step, rng):
    """What the check passes as `choose`: often the best mean, else any arm; late arms less often."""
    if rng.random() < 0.5:
        return int(np.argmax(q_values - 0.05 * counts / step))
    return int(rng.integers(len(q_values)))


def observe(attempt, case):
    """What was pulled, what `choose` was shown, and what the three results mean."""
    args = case.fresh_args()
    bandit, choose, initial = args["bandit"], args["choose"], args["initial_value"]
    shown, again = [], case.fresh_args()
    attempt(*again.values())

    def spy(q_values, counts, step, rng):
        shown.append((np.array(q_values, dtype=float), np.array(counts), int(step), rng is args["rng"]))
        shown[-1] += (int(choose(q_values, counts, step, rng)),)
        return shown[-1][-1]

    args["choose"] = spy
    result = attempt(*args.values())
    pulls, steps = bandit.pulls, len(bandit.pulls)
    means, counts = _tables(bandit.num_arms, initial, pulls)
    seen = {
        "the number of pulls": steps,
        "the number of calls of `choose`": len(shown),
        "the arm that is pulled": "the one that `choose` named"
        if [s[4] for s in shown] == [p[0] for p in pulls]
        else "another one",
        "what `choose` is shown as `q_values`": _what([s[0] for s in shown], means, pulls),
        "what `choose` is shown as `counts`": _what([s[1] for s in shown], counts, pulls),
        "what `choose` is shown as `step`": "1, 2, 3, …"
        if [s[2] for s in shown] == list(range(1, len(shown) + 1))
        else short_list([s[2] for s in shown]),
        "`choose` is given `rng`": all(s[3] for s in shown),
        "the same rng gives the same pulls": again["bandit"].pulls == pulls,
    }
    if not isinstance(result, tuple) or len(result) != 3 or not all(isinstance(r, np.ndarray) for r in result):
        return seen | {"the return value": result}
    q_values, count, regret = result
    gaps = [bandit.true_values.max() - bandit.true_values[action] for action, _ in pulls]
    return seen | {
        "the return value": "three arrays",
        "the `q_values` it returns": _final(q_values, means[-1], "the mean reward of each arm"),
        "the `counts` it returns": _final(count, counts[-1], "how often each arm was pulled"),
        "the `regret` it returns": _regret(regret, gaps, pulls, bandit.true_values.max(), means),
    }


def short_list(numbers):
    """The first few, as text."""
    return ", ".join(map(str, numbers[:3])) + ", …"


def _tables(num_arms, initial, pulls):
    """The means and the counts before each pull, and after the last one."""
    q_values, counts = np.full(num_arms, float(initial)), np.zeros(num_arms, dtype=int)
    all_means, all_counts = [q_values.copy()], [counts.copy()]
    for action, reward in pulls:
        update_mean(q_values, counts, action, reward)
        all_means.append(q_values.copy())
        all_counts.append(counts.copy())
    return all_means, all_counts


def _what(shown, right, pulls):
    if len(shown) == len(pulls) and np.allclose(shown, right[:-1]):
        return "as they are before the pull"
    if len(shown) == len(pulls) and len(shown) > 0 and np.allclose(shown, [right[0]] * len(shown)):
        return "as they were at the start"
    return "other numbers"


def _final(got, right, words):
    return words if got.shape == right.shape and np.allclose(got, right) else "other numbers"


def _regret(regret, gaps, pulls, best, means):
    rewards = [reward for _, reward in pulls]
    believed = [now.max() - now[action] for now, (action, _) in zip(means[1:], pulls, strict=True)]
    known = {
        "the sum of the gaps so far": np.cumsum(gaps),
        "the gap of each pull alone": np.array(gaps),
        "the gaps to the rewards, noise and all, summed": np.cumsum(best - np.array(rewards)),
        "the gap of each reward alone": best - np.array(rewards),
        "the sum of the true values": np.cumsum(best - np.array(gaps)),
        "the sum of the rewards": np.cumsum(rewards),
        "minus the sum of the gaps": -np.cumsum(gaps),
        "the total, one step late": np.concatenate([[0.0], np.cumsum(gaps)[:-1]]),
        "the gaps between the agent's own means, summed": np.cumsum(believed),
        "the last total everywhere": np.full(len(gaps), np.sum(gaps)),
        "zeros": np.zeros(len(gaps)),
    }
    fits = [words for words, numbers in known.items() if regret.shape == numbers.shape and np.allclose(regret, numbers)]
    return fits[0] if fits else "other numbers"
