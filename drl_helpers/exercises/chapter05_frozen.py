"""Exercise 5.3 of chapter 05: targets from the target network."""

import torch

from drl_helpers.exercises.chapter05_targets import (
    CASES,
    best_of_target,
    judged_by_online,
    judged_by_target,
    make_target,
    observe_target,
    shared_mistakes,
)
from drl_helpers.exercises.spec import Exercise, Mistake

NOTEBOOK = "05_target_networks"


def frozen_where(batch, q_network, target_network, gamma):
    best = target_network(batch.next_obs).amax(dim=1)
    return torch.where(batch.terminated, batch.rewards, batch.rewards + gamma * best).detach()


@torch.no_grad()
def frozen_by_rows(batch, q_network, target_network, gamma):
    targets = batch.rewards.clone()
    for row, next_obs in enumerate(batch.next_obs):
        if not batch.terminated[row]:
            targets[row] += gamma * max(target_network(next_obs))
    return targets


def frozen_float_mask(batch, q_network, target_network, gamma):
    _, _, rewards, next_obs, terminated = batch
    with torch.no_grad():
        best, _ = torch.max(target_network(next_obs), 1)
    return rewards + gamma * (1 - terminated.float()) * best


def frozen_by_index(batch, q_network, target_network, gamma):
    with torch.no_grad():
        next_values = target_network(batch.next_obs).max(dim=1)[0]
        next_values[batch.terminated] = 0.0
        return batch.rewards + gamma * next_values


FROZEN_MISTAKES = (
    *shared_mistakes(best_of_target),
    Mistake(
        "double",
        "That is the target of Double DQN, which comes in section 4: here `target_network` both chooses and judges.",
        make_target(judged_by_target),
    ),
    Mistake(
        "double-swapped",
        "`q_network` judges here what `target_network` has chosen; it is not needed at all.",
        make_target(judged_by_online),
    ),
    Mistake(
        "argmax",
        "It uses the *number* of the best action (`argmax`, or `.indices`) where its *value* belongs.",
        make_target(lambda batch, online, target: target(batch.next_obs).argmax(dim=1).float()),
    ),
    Mistake(
        "min",
        "It takes the worst action of each row: use the maximum.",
        make_target(lambda batch, online, target: target(batch.next_obs).amin(dim=1)),
    ),
    Mistake(
        "sum",
        "It sums over the actions; only the best action's value counts.",
        make_target(lambda batch, online, target: target(batch.next_obs).sum(dim=1)),
    ),
    Mistake(
        "over-everything",
        "It takes one maximum over the whole batch: each row has its own, `max(dim=1)`.",
        make_target(lambda batch, online, target: target(batch.next_obs).max()),
    ),
    Mistake(
        "wrong-axis",
        "It takes the maximum over axis 0, the batch; the actions lie along axis 1.",
        make_target(lambda batch, online, target: target(batch.next_obs).amax(dim=0)),
    ),
    Mistake(
        "max-is-a-pair",
        "`max(dim=1)` gives a pair, the values and their positions: take `.values`.",
        lambda batch, online, target, gamma: batch.rewards + gamma * ~batch.terminated * target(batch.next_obs).max(1),
    ),
)

FROZEN = Exercise(
    id="frozen-td-target",
    name="frozen_td_target",
    notebook=NOTEBOOK,
    number="5.3",
    observe=observe_target,
    cases=CASES,
    right=(frozen_where, frozen_by_rows, frozen_float_mask, frozen_by_index),
    mistakes=FROZEN_MISTAKES,
)

EXERCISES = (FROZEN,)
