"""Exercise 9.5 of chapter 09: generalised advantage estimates."""

import torch

from drl_helpers.exercises.chapter09_gae_mistakes import GAE_MISTAKES
from drl_helpers.exercises.chapter09_n_step import n_step_by_td_errors
from drl_helpers.exercises.chapter09_rollouts import rollout_case
from drl_helpers.exercises.spec import Exercise

NOTEBOOK = "09_actor_critic"


@torch.no_grad()
def gae_by_sums(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    advantages = torch.zeros_like(rewards)
    for env in range(rewards.shape[1]):
        for start in range(rewards.shape[0]):
            for step in range(start, rewards.shape[0]):
                goes_on = 0.0 if terminated[step, env] else 1.0
                delta = rewards[step, env] + gamma * goes_on * next_values[step, env] - values[step, env]
                advantages[start, env] += (gamma * gae_lambda) ** (step - start) * delta
                if terminated[step, env] or truncated[step, env]:
                    break
    return advantages


def gae_in_a_list(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    rows, last = [], 0.0
    values, next_values = values.detach(), next_values.detach()
    for step in range(len(rewards) - 1, -1, -1):
        delta = rewards[step] + gamma * next_values[step] * (1 - terminated[step].float()) - values[step]
        last = delta + gamma * gae_lambda * last * (1 - (terminated[step] | truncated[step]).float())
        rows.insert(0, last)
    return torch.stack(rows)


@torch.no_grad()
def gae_as_a_mix(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    mixed, steps = torch.zeros_like(rewards), len(rewards)
    for n in range(1, steps + 1):
        weight = gae_lambda ** (n - 1) * (1.0 if n == steps else 1 - gae_lambda)
        mixed += weight * n_step_by_td_errors(rewards, values, next_values, terminated, truncated, gamma, n)
    return mixed


ENDS = {"terminated": [(1, 0), (4, 2)], "truncated": [(3, 1), (4, 2)]}
GAE = Exercise(
    id="gae",
    name="gae",
    notebook=NOTEBOOK,
    number="9.5",
    cases=(
        rollout_case("Six steps of three environments", 6, 3, **ENDS, gamma=0.9, gae_lambda=0.7),
        rollout_case("No episode ends", 4, 2, [], [], seed=2, gamma=0.8, gae_lambda=0.6),
        rollout_case("λ = 0", 3, 2, [(1, 1)], [(0, 0)], seed=1, gamma=0.9, gae_lambda=0.0),
        rollout_case("λ = 1", 5, 2, [(1, 0)], [(2, 1)], seed=3, gamma=0.95, gae_lambda=1.0),
        rollout_case("Episodes end in the last step", 4, 3, [(3, 0)], [(3, 2)], seed=4, gamma=0.7, gae_lambda=0.9),
        rollout_case("A single step", 1, 3, [(0, 1)], [(0, 2)], seed=5, gamma=0.9, gae_lambda=0.5),
    ),
    right=(gae_by_sums, gae_in_a_list, gae_as_a_mix),
    mistakes=GAE_MISTAKES,
    tolerance=1e-5,
    equivalent={
        "advantages, following = (torch.empty_like(deltas), torch.zeros_like(deltas[0])) → advantages, following = "
        "(torch.empty_like(deltas), torch.zeros_like(deltas[-1]))": "only the shape of a row is taken from it",
    },
)

EXERCISES = (GAE,)
