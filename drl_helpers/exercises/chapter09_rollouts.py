"""Small rollouts for the exercises of chapter 09 on advantages: values, rewards and flags of several episodes."""

import torch

from drl_helpers.exercises.spec import Case

ARGUMENTS = ("rewards", "values", "next_values", "terminated", "truncated")


def rollout_case(label, steps, envs, terminated, truncated, seed=0, **settings):
    """A case of shape (steps, envs); the flags are lists of (step, env).

    Where an episode goes on the next value is that of the next row, as in a real rollout.
    """
    generator = torch.Generator().manual_seed(seed)
    rewards, values, other = (torch.randn(steps, envs, generator=generator) * 2 for _ in range(3))
    rewards = (rewards + 0.5).round(decimals=1)
    values, other = ((part + part.sign()).round(decimals=1) for part in (values, other))
    flags = []
    for places in (terminated, truncated):
        flag = torch.zeros(steps, envs, dtype=torch.bool)
        for step, env in places:
            flag[step, env] = True
        flags.append(flag)
    following = torch.cat([values[1:], other[-1:]])
    next_values = torch.where(flags[0] | flags[1], other, following)
    parts = (rewards, values.requires_grad_(), next_values.requires_grad_(), *flags)
    return Case(label, dict(zip(ARGUMENTS, parts, strict=True)) | settings)


def shifted(values, next_values):
    """The values of the next rows, and for the last row the next value."""
    return torch.cat([values[1:], next_values[-1:]])
