"""Exercise 5.5 of chapter 05: the target of Double DQN."""

import torch

from drl_helpers.exercises.chapter05_targets import (
    CASES,
    best_of_target,
    judged_by_online,
    judged_by_target,
    make_target,
    observe_target,
    pick,
    shared_mistakes,
)
from drl_helpers.exercises.spec import Exercise, Mistake
from drl_helpers.networks import chosen_q_values

NOTEBOOK = "05_target_networks"


def double_where(batch, q_network, target_network, gamma):
    next_values = judged_by_target(batch, q_network, target_network)
    return torch.where(batch.terminated, batch.rewards, batch.rewards + gamma * next_values).detach()


@torch.no_grad()
def double_by_rows(batch, q_network, target_network, gamma):
    targets = batch.rewards.clone()
    for row, next_obs in enumerate(batch.next_obs):
        if not batch.terminated[row]:
            targets[row] += gamma * target_network(next_obs)[q_network(next_obs).argmax()]
    return targets


def double_gather(batch, q_network, target_network, gamma):
    with torch.no_grad():
        _, best = q_network(batch.next_obs).max(dim=1, keepdim=True)
        next_values = target_network(batch.next_obs).gather(1, best).view(-1)
    return batch.rewards + gamma * (1.0 - batch.terminated.float()) * next_values


def double_one_hot(batch, q_network, target_network, gamma):
    next_q_values, online = target_network(batch.next_obs).detach(), q_network(batch.next_obs).detach()
    chosen = torch.nn.functional.one_hot(online.argmax(dim=-1), online.shape[1])
    return torch.add(batch.rewards, gamma * torch.logical_not(batch.terminated) * (next_q_values * chosen).sum(-1))


def _no_gradient_for_the_choice_alone(batch, online, target):
    with torch.no_grad():
        best = online(batch.next_obs).argmax(dim=1)
    return pick(target(batch.next_obs), best)


DOUBLE_MISTAKES = (
    *shared_mistakes(judged_by_target),
    Mistake(
        "roles-swapped",
        "The roles are swapped: `q_network` chooses the action (`argmax`), `target_network` says what it is worth.",
        make_target(judged_by_online),
    ),
    Mistake(
        "plain",
        "That is the target of plain DQN: `target_network` chooses and judges. The action must be chosen by "
        "`q_network`.",
        make_target(best_of_target),
    ),
    Mistake(
        "chosen-at-the-state-left",
        "The action is chosen at the state that was *left* (`batch.obs`); it must be the best one in `batch.next_obs`.",
        make_target(lambda batch, online, target: pick(target(batch.next_obs), online(batch.obs).argmax(1))),
    ),
    Mistake(
        "judged-at-the-state-left",
        "The action is judged at the state that was *left* (`batch.obs`): both networks look at `batch.next_obs`.",
        make_target(lambda batch, online, target: pick(target(batch.obs), online(batch.next_obs).argmax(1))),
    ),
    Mistake(
        "argmin",
        "It chooses the *worst* action: use `argmax`.",
        make_target(lambda batch, online, target: pick(target(batch.next_obs), online(batch.next_obs).argmin(1))),
    ),
    Mistake(
        "argmax-as-value",
        "It uses the *number* of the chosen action as its value: look the value up in `target_network`'s output.",
        make_target(lambda batch, online, target: online(batch.next_obs).argmax(dim=1).float()),
    ),
    Mistake(
        "average",
        "It averages both networks' values of the chosen action: `target_network` alone judges.",
        make_target(
            lambda batch, online, target: (
                (judged_by_target(batch, online, target) + online(batch.next_obs).amax(dim=1)) / 2
            )
        ),
    ),
    Mistake(
        "axis-of-the-batch",
        "It gathers along axis 0, the batch, and so from other rows: the actions lie along axis 1.",
        make_target(
            lambda batch, online, target: (
                target(batch.next_obs).gather(
                    0, online(batch.next_obs).argmax(1).clamp(max=len(batch.rewards) - 1)[:, None]
                )
            ).squeeze(1)
        ),
    ),
    Mistake(
        "argmax-of-the-batch",
        "The best action is sought along axis 0, the batch: use `argmax(dim=1)`.",
        make_target(
            lambda batch, online, target: chosen_q_values(target(batch.next_obs), online(batch.next_obs).argmax(0))
        ),
    ),
    Mistake(
        "argmax-of-everything",
        "`argmax()` without an axis gives one position in the whole table: each row has its own, `argmax(dim=1)`.",
        make_target(
            lambda batch, online, target: chosen_q_values(target(batch.next_obs), online(batch.next_obs).argmax())
        ),
    ),
    Mistake(
        "all-chosen-columns",
        "`q_values[:, actions]` takes *all* the chosen actions from *every* row: row i needs the one action of row i. "
        "`chosen_q_values` does that.",
        make_target(lambda batch, online, target: target(batch.next_obs)[:, online(batch.next_obs).argmax(1)]),
    ),
    Mistake(
        "gather-needs-a-column",
        "`gather(1, index)` wants an index with as many axes as the values: `actions.unsqueeze(1)`; and then "
        "`squeeze(1)` the result. Or use `chosen_q_values`.",
        make_target(lambda batch, online, target: target(batch.next_obs).gather(1, online(batch.next_obs).argmax(1))),
    ),
    Mistake(
        "values-for-numbers",
        "It looks values up by *values*: choose with `argmax`, which gives the number of the action, not with `max`.",
        make_target(lambda batch, online, target: pick(target(batch.next_obs), online(batch.next_obs).amax(1))),
    ),
)

DOUBLE = Exercise(
    id="double-td-target",
    name="double_td_target",
    notebook=NOTEBOOK,
    number="5.5",
    observe=observe_target,
    cases=CASES,
    right=(double_where, double_by_rows, double_gather, double_one_hot),
    mistakes=DOUBLE_MISTAKES,
)

EXERCISES = (DOUBLE,)
