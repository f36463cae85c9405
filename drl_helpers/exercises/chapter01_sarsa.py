"""The exercise of chapter 01 on SARSA's update: 1.6."""

from drl_helpers.exercises.chapter01_updates import NOTEBOOK, SHARED_UPDATE_MISTAKES, TABLE, make_update, step_args
from drl_helpers.exercises.spec import Case, Exercise, Mistake


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
    cases=(
        Case("An ordinary step", step_args(TABLE, 0, 1, 1.5, 1, False, 0.1, 0.9, next_action=2)),
        Case("The last step of an episode", step_args(TABLE, 1, 0, -1.0, 2, True, 0.25, 0.9, next_action=2)),
        Case("A step that stays where it is", step_args(TABLE, 1, 2, -2.0, 1, False, 0.5, 0.8, next_action=0)),
        Case("Values below zero", step_args(-TABLE - 9.0, 0, 0, -1.0, 1, False, 0.2, 1.0, next_action=1)),
    ),
    right=(sarsa_plain, sarsa_blend),
    mistakes=SARSA_MISTAKES,
)

EXERCISES = (SARSA,)
