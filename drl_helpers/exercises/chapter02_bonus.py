"""The exercise of chapter 02 on a count bonus in a Markov decision process: 2.6."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "02_exploration"


def falling_bonus(counts):
    """What the check passes as `bonus`: it falls with the count, and differs for every count."""
    return 3.0 / (counts + 1.0) ** 1.5


def make_bonus_update(
    best=lambda q, n, bonus, s, a, s2: (q[s2] + bonus(n[s2])).max(),
    target=lambda r, g, v, b: r + g * v,
    step=lambda old, rate, t: old + rate * (t - old),
    returns=lambda old, t, new: t - old,
    count="first",
    mask=lambda terminated: not terminated,
    masks="value",
    place=lambda s, a, s2: (s, a),
    swapped=False,
):
    """One update with a count bonus, with one part exchanged."""

    def attempt(q_table, counts, obs, action, reward, next_obs, terminated, learning_rate, gamma, bonus):
        learning_rate, gamma = (gamma, learning_rate) if swapped else (learning_rate, gamma)
        counted = {"row": obs, "next": (next_obs, action), "column": (slice(None), action)}.get(count, (obs, action))
        if count not in ("last", "never"):
            counts[counted] += 1
        value = best(q_table, counts, bonus, obs, action, next_obs) * (mask(terminated) if masks == "value" else 1)
        goal = target(reward, gamma, value, bonus(counts[obs, action]))
        goal *= mask(terminated) if masks == "target" else 1
        old = q_table[obs, action]
        new = step(old, learning_rate, goal)
        q_table[place(obs, action, next_obs)] += new - old
        if count == "last":
            counts[obs, action] += 1
        return returns(old, goal, new)

    return attempt


def bonus_update_by_parts(q_table, counts, obs, action, reward, next_obs, terminated, learning_rate, gamma, bonus):
    counts[obs, action] = counts[obs, action] + 1
    future = 0.0 if terminated else max(q + bonus(n) for q, n in zip(q_table[next_obs], counts[next_obs], strict=True))
    before = float(q_table[obs, action])
    goal = reward + gamma * future
    q_table[obs, action] = (1 - learning_rate) * before + learning_rate * goal
    return goal - before


def bonus_update_whole(q_table, counts, obs, action, reward, next_obs, terminated, learning_rate, gamma, bonus):
    counts[obs][action] += 1
    hopeful = q_table + bonus(counts)
    error = reward - q_table[obs][action]
    if not terminated:
        error += gamma * hopeful[next_obs].max()
    q_table[obs][action] += learning_rate * error
    return error


BONUS_MISTAKES = (
    Mistake(
        "no-bonus",
        "This is plain Q-learning: the bonus of the *next* actions is missing from the target. Without it, what is new "
        "further on never becomes known here.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2].max()),
    ),
    Mistake(
        "bonus-past-the-end",
        "It adds the next state's value even when the episode has `terminated`: nothing follows, no bonus either.",
        make_bonus_update(mask=lambda terminated: True),
    ),
    Mistake(
        "inverted-mask",
        "The mask is the wrong way round: the next value counts when the episode has *not* terminated.",
        make_bonus_update(mask=lambda terminated: terminated),
    ),
    Mistake(
        "mask-covers-the-reward",
        "At the end the reward is lost too: the mask must cover the next value alone.",
        make_bonus_update(masks="target"),
    ),
    Mistake(
        "counts-last",
        "The visit is counted after the target was made. Count it first: walking against a wall, the next state is the "
        "same one, and its bonus must have shrunk already.",
        make_bonus_update(count="last"),
    ),
    Mistake("never-counts", "`counts` stays as it was: count the visit.", make_bonus_update(count="never")),
    Mistake(
        "counts-the-row",
        "All actions of the state are counted; only one was taken.",
        make_bonus_update(count="row"),
    ),
    Mistake(
        "counts-the-next",
        "It counts the state that was reached; the action was taken in `obs`.",
        make_bonus_update(count="next"),
    ),
    Mistake(
        "counts-the-column",
        "It counts the action in every state: `counts[obs, action]` alone.",
        make_bonus_update(count="column"),
    ),
    Mistake(
        "bonus-of-this-action",
        "The bonus is that of the action just taken, added to the highest next value. In the target stands the highest "
        "sum Q(s′, a′) + B(N(s′, a′)): the bonus of each *next* action.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2].max() + bonus(n[s, a])),
    ),
    Mistake(
        "bonus-as-reward",
        "The bonus of the action just taken is added to the reward. That is another method; here it belongs to the "
        "*next* actions, inside of the maximum.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2].max(), target=lambda r, g, v, b: r + b + g * v),
    ),
    Mistake(
        "two-maxima",
        "It adds the highest bonus to the highest value, which may belong to different actions: add first, then take "
        "one maximum over the sums.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2].max() + bonus(n[s2]).max()),
    ),
    Mistake(
        "bonus-of-the-best",
        "It takes the bonus of the action with the highest Q; the maximum must be taken over the sums Q + B.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2].max() + bonus(n[s2, q[s2].argmax()])),
    ),
    Mistake(
        "values-left",
        "The next value is read from the state you left, not from the one you reached.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: (q[s] + bonus(n[s])).max()),
    ),
    Mistake(
        "bonus-of-the-state-left",
        "The counts are read from the state you left: the bonus must be that of the next state's actions.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: (q[s2] + bonus(n[s])).max()),
    ),
    Mistake(
        "same-action-again",
        "It looks at the same action in the next state; take the maximum over all actions there.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: q[s2, a] + bonus(n[s2, a])),
    ),
    Mistake(
        "mean-of-the-next",
        "It takes the mean over the next actions: take the maximum.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: (q[s2] + bonus(n[s2])).mean()),
    ),
    Mistake(
        "minimum",
        "It takes the lowest next value: take the maximum.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: (q[s2] + bonus(n[s2])).min()),
    ),
    Mistake(
        "subtracts-the-bonus",
        "The bonus is subtracted: that makes the agent avoid what is new.",
        make_bonus_update(best=lambda q, n, bonus, s, a, s2: (q[s2] - bonus(n[s2])).max()),
    ),
    Mistake("swapped-settings", "The learning rate and the discount are swapped.", make_bonus_update(swapped=True)),
    Mistake("no-gamma", "The discount γ is missing.", make_bonus_update(target=lambda r, g, v, b: r + v)),
    Mistake("no-reward", "The reward is missing from the target.", make_bonus_update(target=lambda r, g, v, b: g * v)),
    Mistake(
        "no-learning-rate",
        "It jumps all the way to the target, in place of a step of size α.",
        make_bonus_update(step=lambda old, rate, t: t),
    ),
    Mistake(
        "adds-the-target",
        "It adds α times the *target*; add α times the TD error, target minus old value.",
        make_bonus_update(step=lambda old, rate, t: old + rate * t),
    ),
    Mistake(
        "wrong-sign",
        "It steps away from the target.",
        make_bonus_update(step=lambda old, rate, t: old - rate * (t - old)),
    ),
    Mistake(
        "wrong-place",
        "It changes the entry of the state that was reached; the action was taken in `obs`.",
        make_bonus_update(place=lambda s, a, s2: (s2, a)),
    ),
    Mistake(
        "returns-the-target",
        "It returns the target; the TD error, target minus old value, is wanted.",
        make_bonus_update(returns=lambda old, t, new: t),
    ),
    Mistake(
        "late-error",
        "The TD error is taken after the change: take it before.",
        make_bonus_update(returns=lambda old, t, new: t - new),
    ),
    Mistake(
        "returns-the-step",
        "It returns the step, α times the TD error; return the TD error itself.",
        make_bonus_update(returns=lambda old, t, new: new - old),
    ),
    Mistake(
        "no-return", "It returns nothing: return the TD error.", make_bonus_update(returns=lambda old, t, new: None)
    ),
)

TABLE = np.array([[0.4, -0.2, 0.9], [1.1, 0.3, 0.6], [0.2, 1.6, 0.5], [0.7, -0.4, 0.8]])
COUNTS = np.array([[3, 1, 7], [12, 2, 5], [4, 20, 0], [6, 9, 2]])


def _bonus_args(obs, action, reward, next_obs, terminated, learning_rate, gamma):
    step = {"obs": obs, "action": action, "reward": reward, "next_obs": next_obs, "terminated": terminated}
    tables = {"q_table": TABLE.copy(), "counts": COUNTS.copy()}
    return tables | step | {"learning_rate": learning_rate, "gamma": gamma, "bonus": falling_bonus}


BONUS = Exercise(
    id="count-bonus",
    name="bonus_update",
    notebook=NOTEBOOK,
    number="2.6",
    mutates=("q_table", "counts"),
    cases=(
        Case("A step in the middle", _bonus_args(0, 1, 0.5, 2, False, 0.3, 0.8)),
        Case("A step that terminates", _bonus_args(3, 0, 1.5, 1, True, 0.25, 0.9)),
        Case("Against a wall: the next state is the same", _bonus_args(2, 2, -0.2, 2, False, 0.5, 0.7)),
        Case("The best sum is not the best value", _bonus_args(2, 0, 0.3, 1, False, 0.4, 0.6)),
    ),
    right=(make_bonus_update(), bonus_update_by_parts, bonus_update_whole),
    mistakes=BONUS_MISTAKES,
)

EXERCISES = (BONUS,)
