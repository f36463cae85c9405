"""A small rollout for exercise 9.6 of chapter 09, right answers, and an update of exchangeable parts."""

import torch
from torch import nn
from torch.nn import functional as F

from drl_helpers.exercises.case_run import ACTIONS, OBS_SIZE, joint_clip, one_loss, take_step
from drl_helpers.policy import entropy, log_prob
from drl_helpers.reinforce import reinforce_loss
from drl_helpers.rollout import Rollout, gae


class ShownRollout(Rollout):
    """A rollout that a card can show in a few characters."""

    def __repr__(self):
        return f"rollout of {self.rewards.shape[0]} steps in {self.rewards.shape[1]} environments"


def small_rollout(seed, steps, envs, terminated, truncated):
    """Random observations, actions and rewards, with the ends given as lists of (step, env)."""
    generator = torch.Generator().manual_seed(seed)
    obs, other = (torch.randn(steps, envs, OBS_SIZE, generator=generator) for _ in range(2))
    actions = torch.randint(ACTIONS, (steps, envs), generator=generator)
    rewards = torch.randn(steps, envs, generator=generator) + 0.5
    flags = [torch.zeros(steps, envs, dtype=torch.bool) for _ in range(2)]
    for flag, places in zip(flags, (terminated, truncated), strict=True):
        for step, env in places:
            flag[step, env] = True
    over = (flags[0] | flags[1]).unsqueeze(-1)
    next_obs = torch.where(over, other, torch.cat([obs[1:], other[-1:]]))
    return ShownRollout(obs, actions, rewards, next_obs, *flags)


def update_flat(run, rollout):
    obs, next_obs = rollout.obs.reshape(-1, OBS_SIZE), rollout.next_obs.reshape(-1, OBS_SIZE)
    config, shape = run.config, rollout.rewards.shape
    with torch.no_grad():
        old, new = run.critic(obs).reshape(shape), run.critic(next_obs).reshape(shape)
        flags = rollout.terminated, rollout.truncated
        advantages = gae(rollout.rewards, old, new, *flags, config.gamma, config.gae_lambda)
        returns = (advantages + old).reshape(-1)
    log_probs = torch.log_softmax(run.policy(obs), dim=1)
    chosen = log_probs[torch.arange(len(obs)), rollout.actions.reshape(-1)]
    policy_loss = -(chosen * advantages.reshape(-1)).mean()
    bonus = -(log_probs.exp() * log_probs).sum(dim=1).mean()
    run.optimizer.zero_grad(set_to_none=False)
    critic_loss = config.critic_weight * F.mse_loss(run.critic(obs), returns)
    (policy_loss + critic_loss - config.entropy_weight * bonus).backward()
    nn.utils.clip_grad_norm_(run.parameters, max_norm=config.max_grad_norm)
    run.optimizer.step()


def update_in_parts(run, rollout):
    config = run.config
    values, next_values = run.critic(rollout.obs), run.critic(rollout.next_obs)
    flags = rollout.terminated, rollout.truncated
    advantages = gae(rollout.rewards, values, next_values, *flags, config.gamma, config.gae_lambda)
    errors = values - values.detach() - advantages
    distribution = torch.distributions.Categorical(logits=run.policy(rollout.obs))
    actor = -(distribution.log_prob(rollout.actions) * advantages).mean()
    (actor - config.entropy_weight * distribution.entropy().mean()).backward()
    (config.critic_weight * errors.pow(2).mean()).backward()
    torch.nn.utils.clip_grad_norm_([*run.critic.parameters(), *run.policy.parameters()], config.max_grad_norm)
    run.optimizer.step()
    run.optimizer.zero_grad()


def make_update(
    settings=lambda config: (config.gamma, config.gae_lambda),
    next_values=lambda run, rollout: run.critic(rollout.next_obs),
    flags=lambda rollout: (rollout.terminated, rollout.truncated),
    adjust=lambda advantages: advantages,
    targets=lambda values, advantages, run, rollout: advantages + values.detach(),
    actions=lambda rollout: rollout.actions.flatten(),
    flat=lambda advantages, targets, values: advantages.flatten(),
    actor=reinforce_loss,
    value_loss=lambda values, targets: ((values - targets) ** 2).mean(),
    bonus=lambda logits: entropy(logits).mean(),
    total=one_loss,
    parts=("zero", "backward", "clip", "step"),
    clip=joint_clip,
):
    """The update with one part exchanged."""

    def attempt(run, rollout):
        logits, values = run.policy(rollout.obs.flatten(0, 1)), run.critic(rollout.obs)
        with torch.no_grad():
            following = next_values(run, rollout)
        advantages = adjust(gae(rollout.rewards, values, following, *flags(rollout), *settings(run.config)))
        goals = targets(values, advantages, run, rollout)
        policy_loss = actor(log_prob(logits, actions(rollout)), flat(advantages, goals, values))
        loss = total(run, policy_loss, value_loss(values, goals), bonus(logits))
        take_step(run, loss, parts, clip)

    return attempt
