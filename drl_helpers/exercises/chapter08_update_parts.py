"""A small run for exercise 8.8 of chapter 08, right answers, and an update of which any part can be exchanged."""

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from drl_helpers.policy import PolicyNetwork, ValueNetwork, entropy, log_prob
from drl_helpers.reinforce import Episode, reinforce_loss, returns_of, standardise
from drl_helpers.reinforce_run import ReinforceConfig

OBS_SIZE, ACTIONS, LEARNING_RATE = 3, 4, 0.3


class Shown:
    """Stands for a run on a card; the check makes it anew for each attempt. Its optimizer is plain SGD."""

    def __init__(self, seed, **settings):
        self.seed, self.config = seed, ReinforceConfig(**settings)
        self.words = "run with " + ", ".join(f"{name}={value}" for name, value in settings.items())

    def __repr__(self):
        return self.words

    def make(self):
        """A run with small networks, whose optimizer counts its steps."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            policy, critic = PolicyNetwork(OBS_SIZE, ACTIONS, (5,)), ValueNetwork(OBS_SIZE, (6,))
        parameters = [*policy.parameters(), *critic.parameters()]
        with torch.no_grad():
            for parameter in parameters:
                parameter *= 1.5
        run = SimpleNamespace(config=self.config, policy=policy, critic=critic, steps=0, seed=self.seed)
        run.optimizer = torch.optim.SGD(parameters, LEARNING_RATE)

        def count(*_):
            run.steps += 1

        run.optimizer.register_step_post_hook(count)
        return run


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


def one_loss(run, policy_loss, critic_loss, bonus):
    """The three parts with their weights."""
    return policy_loss + critic_loss - run.config.entropy_weight * bonus


def make_update(
    returns=lambda run, episodes: returns_of(episodes, run.critic, run.config.gamma),
    advantages=lambda returns, values: (returns - values).detach(),
    adjust=standardise,
    actor=reinforce_loss,
    critic_loss=lambda values, returns: ((values - returns) ** 2).mean(),
    bonus=lambda logits: entropy(logits).mean(),
    total=one_loss,
    parts=("zero", "backward", "step"),
    before=lambda run: None,
):
    """The update with one part exchanged."""

    def attempt(run, episodes):
        obs, actions = joined(episodes)
        logits, values, goals = run.policy(obs), run.critic(obs), returns(run, episodes)
        weights = adjust(advantages(goals, values))
        loss = total(run, actor(log_prob(logits, actions), weights), critic_loss(values, goals), bonus(logits))
        steps = {"zero": run.optimizer.zero_grad, "backward": loss.backward, "step": run.optimizer.step}
        before(run)
        for part in parts:
            steps[part]()

    return attempt


def one_by_one(update):
    """The update made with one episode after the other."""

    def attempt(run, episodes):
        for episode in episodes:
            update(run, [episode])

    return attempt


def flat(network):
    """All weights of a network in one array."""
    return torch.cat([parameter.detach().flatten() for parameter in nn.Module.parameters(network)]).numpy().copy()
