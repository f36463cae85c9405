"""The exercise of chapter 01 on Q-learning's update, 1.4, and what SARSA's shares with it."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "01_tabular_q_learning"


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


def step_args(table, obs, action, reward, next_obs, terminated, learning_rate, gamma, next_action=None):
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
    cases=(
        Case("An ordinary step", step_args(TABLE, 0, 2, 1.5, 1, False, 0.1, 0.9)),
        Case("The last step of an episode", step_args(TABLE, 1, 0, -1.0, 2, True, 0.25, 0.9)),
        Case("A step that stays where it is", step_args(TABLE, 1, 2, -2.0, 1, False, 0.5, 0.8)),
        Case("Values below zero", step_args(-TABLE - 9.0, 0, 0, -1.0, 1, False, 0.2, 1.0)),
    ),
    right=(q_update_plain, q_update_blend),
    mistakes=Q_UPDATE_MISTAKES,
)


EXERCISES = (Q_UPDATE,)
