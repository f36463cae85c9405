"""What chapter 05 builds: target networks, the DQN loop, and a training that keeps its best weights."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from drl_helpers.evaluate import evaluate_batch
from drl_helpers.networks import act, chosen_q_values
from drl_helpers.schedules import epsilon_schedule


def hard_update(target_network, q_network):
    """Copy all weights of q_network into target_network, in place (Mnih et al., 2015).

    Args:
        target_network, q_network: modules of the same architecture.
    """
    target_network.load_state_dict(q_network.state_dict())


def soft_update(target_network, q_network, tau):
    """Move all weights of target_network by the share tau towards q_network's, in place (Lillicrap et al., 2016).

    Args:
        target_network, q_network: modules of the same architecture.
        tau: in [0, 1]; 0 changes nothing, 1 is a hard update.
    """
    with torch.no_grad():
        for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
            target.lerp_(online, tau)


def frozen_td_target(batch, q_network, target_network, gamma):
    """Targets r + gamma · max Q_target(s', ·), shape (batch,), without gradient (Mnih et al., 2015).

    Args:
        batch: a Batch of transitions, as ReplayMemory.sample gives it.
        q_network: not needed here; a target that needs it comes later, and is called alike.
        target_network: gives the values of the next observations.
        gamma: discount in [0, 1].
    """
    with torch.no_grad():
        next_values = target_network(batch.next_obs).max(dim=1).values
        return batch.rewards + gamma * ~batch.terminated * next_values


def double_td_target(batch, q_network, target_network, gamma):
    """Targets of Double DQN, shape (batch,), without gradient (van Hasselt et al., 2016).

    Args:
        batch: a Batch of transitions.
        q_network: chooses the best action in each next state.
        target_network: says what that action is worth.
        gamma: discount in [0, 1].
    """
    with torch.no_grad():
        best_actions = q_network(batch.next_obs).argmax(dim=1)
        next_values = chosen_q_values(target_network(batch.next_obs), best_actions)
        return batch.rewards + gamma * ~batch.terminated * next_values


class GreedyActor:
    """The greedy action for a single observation, by NumPy on the network's own memory.

    For so little arithmetic PyTorch's bookkeeping takes several times as long as the work itself.
    Nothing is copied: what an optimizer changes in the network has changed here too.
    """

    def __init__(self, q_network):
        linear = [layer for layer in q_network.layers if isinstance(layer, nn.Linear)]
        self.layers = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear]

    def __call__(self, obs):
        """The action, an integer, for obs of shape (obs_size,)."""
        for weight, bias in self.layers[:-1]:
            obs = np.maximum(obs @ weight + bias, 0)
        weight, bias = self.layers[-1]
        return int((obs @ weight + bias).argmax())


def train_dqn(run, num_steps, td_target, on_episode=None):
    """Train `run` for num_steps more steps of its environment, in place.

    Args:
        run: a DQNRun.
        num_steps: how many steps to go on.
        td_target: frozen_td_target, or another function with the same arguments.
        on_episode: called as on_episode(step, return) when an episode has ended, after all else.
    """
    config, env, memory, rng = run.config, run.env, run.memory, run.rng
    greedy_action, num_actions = GreedyActor(run.q_network), int(env.action_space.n)
    for _ in range(num_steps):
        # Act and remember.
        epsilon = epsilon_schedule(run.step, config.epsilon_start, config.epsilon_end, config.decay_steps)
        action = int(rng.integers(num_actions)) if rng.random() < epsilon else greedy_action(run.obs)
        next_obs, reward, terminated, truncated, _ = env.step(action)
        memory.add(run.obs, action, reward, next_obs, terminated)
        run.obs, run.step, run.episode_return = next_obs, run.step + 1, run.episode_return + reward
        # Learn.
        if run.step >= config.learning_starts and run.step % config.train_every == 0:
            batch = memory.sample(config.batch_size, rng)
            targets = td_target(batch, run.q_network, run.target_network, config.gamma)
            loss = F.smooth_l1_loss(chosen_q_values(run.q_network(batch.obs), batch.actions), targets)
            run.optimizer.zero_grad()
            loss.backward()
            run.optimizer.step()
        if run.step % config.target_every == 0:
            soft_update(run.target_network, run.q_network, config.tau)
        # Begin a new episode.
        if terminated or truncated:
            run.obs, _ = env.reset()
            run.returns.append(run.episode_return)
            run.episode_return = 0.0
            if on_episode is not None:
                on_episode(run.step, run.returns[-1])


def train_and_select(run, td_target, on_episode=None):
    """Train until solved, or for total_steps; keep the weights that did best in evaluations on the way."""
    config, policy = run.config, partial(act, run.q_network, epsilon=0.0, rng=np.random.default_rng(run.seed))
    while run.step < config.total_steps and run.best_score < config.solved_at:
        until_next = config.eval_every - run.step % config.eval_every
        train_dqn(run, min(until_next, config.total_steps - run.step), td_target, on_episode)
        returns = evaluate_batch(config.env_id, policy, config.eval_episodes, seed=1_000_000 + run.step)
        run.evaluations.append((run.step, float(returns.mean())))
        run.eval_steps += int(returns.sum())  # counted apart; a step of CartPole brings 1
        if returns.mean() > run.best_score:
            run.best_score = float(returns.mean())
            run.best_weights = {name: weight.clone() for name, weight in run.q_network.state_dict().items()}
