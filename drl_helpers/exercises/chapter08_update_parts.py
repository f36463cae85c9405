"""Small episodes for exercise 8.8 of chapter 08, right answers, and an update of exchangeable parts."""

import numpy as np
import torch
from torch.nn import functional as F

from drl_helpers.exercises.case_run import ACTIONS, OBS_SIZE, one_loss, take_step
from drl_helpers.policy import entropy, log_prob
from drl_helpers.reinforce import Episode, reinforce_loss, returns_of, standardise


class ShownEpisodes(list):
    """Episodes that a card can show in a few characters."""

    def __repr__(self):
        ends = ", ".join(f"{len(e.rewards)} steps, {'terminated' if e.terminated else 'cut off'}" for e in self)
        return f"[{ends}]"


def small_episodes(seed, *ends):
    """Random episodes, each given by its number of steps and whether it terminated."""
    rng, episodes = np.random.default_rng(seed), ShownEpisodes()
    for steps, terminated in ends:
        obs = rng.normal(size=(steps + 1, OBS_SIZE)).astype(np.float32)
        actions = rng.integers(ACTIONS, size=steps)
        episodes.append(Episode(obs[:-1], actions, rng.normal(size=steps) + 0.5, obs[-1], terminated))
    return episodes


def joined(episodes):
    """Observations and actions of all steps."""
    obs = torch.from_numpy(np.concatenate([episode.obs for episode in episodes]))
    return obs, torch.from_numpy(np.concatenate([episode.actions for episode in episodes]))


def update_by_hand(run, episodes):
    obs, actions = joined(episodes)
    returns = returns_of(episodes, run.critic, run.config.gamma)
    advantages = returns - run.critic(obs).detach()
    advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)
    log_probs = torch.log_softmax(run.policy(obs), dim=1)
    chosen = log_probs[torch.arange(len(obs)), actions]
    bonus = -(log_probs.exp() * log_probs).sum(dim=1).mean()
    run.optimizer.zero_grad(set_to_none=False)
    policy_loss = -(chosen * advantages).mean() - run.config.entropy_weight * bonus
    (policy_loss + F.mse_loss(run.critic(obs), returns)).backward()
    run.optimizer.step()


def update_in_parts(run, episodes):
    obs, actions = joined(episodes)
    returns, values = returns_of(episodes, run.critic, run.config.gamma), run.critic(obs)
    distribution = torch.distributions.Categorical(logits=run.policy(obs))
    advantages = standardise(returns - values.detach())
    bonus = run.config.entropy_weight * distribution.entropy()
    (-distribution.log_prob(actions) * advantages - bonus).mean().backward()
    torch.mean((values - returns) ** 2).backward()
    run.optimizer.step()
    run.optimizer.zero_grad()


def make_update(
    returns=lambda run, episodes: returns_of(episodes, run.critic, run.config.gamma),
    advantages=lambda returns, values: (returns - values).detach(),
    adjust=standardise,
    actor=reinforce_loss,
    critic_loss=lambda values, returns: ((values - returns) ** 2).mean(),
    bonus=lambda logits: entropy(logits).mean(),
    total=one_loss,
    parts=("zero", "backward", "step"),
):
    """The update with one part exchanged."""

    def attempt(run, episodes):
        obs, actions = joined(episodes)
        logits, values, goals = run.policy(obs), run.critic(obs), returns(run, episodes)
        weights = adjust(advantages(goals, values))
        loss = total(run, actor(log_prob(logits, actions), weights), critic_loss(values, goals), bonus(logits))
        take_step(run, loss, parts)

    return attempt


def one_by_one(update):
    """The update made with one episode after the other."""

    def attempt(run, episodes):
        for episode in episodes:
            update(run, [episode])

    return attempt
