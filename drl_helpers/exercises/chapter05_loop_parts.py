"""Right answers to exercise 5.4 of chapter 05, and a loop of which any part can be exchanged."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from drl_helpers.dqn import GreedyActor, soft_update
from drl_helpers.exercises.chapter05_targets import pick
from drl_helpers.networks import act
from drl_helpers.schedules import epsilon_schedule


def loop_in_torch(run, num_steps, td_target, on_episode=None):
    config, criterion = run.config, nn.HuberLoss()
    until = run.step + num_steps
    while run.step < until:
        epsilon = epsilon_schedule(run.step, config.epsilon_start, config.epsilon_end, config.decay_steps)
        if run.rng.uniform() > epsilon:
            with torch.no_grad():
                action = run.q_network(torch.from_numpy(run.obs).unsqueeze(0)).argmax(dim=1).item()
        else:
            action = run.rng.choice(run.env.action_space.n)
        new_obs, reward, terminated, truncated, _ = run.env.step(action)
        run.memory.add(run.obs, action, reward, new_obs, terminated)
        run.step += 1
        run.episode_return += reward
        run.obs = new_obs
        if run.step >= config.learning_starts and not run.step % config.train_every:
            obs, actions, *_ = batch = run.memory.sample(config.batch_size, run.rng)
            with torch.no_grad():
                targets = td_target(batch, run.q_network, run.target_network, config.gamma)
            criterion(run.q_network(obs).gather(1, actions[:, None])[:, 0], targets).backward()
            run.optimizer.step()
            run.optimizer.zero_grad(set_to_none=False)
        if run.step % config.target_every == 0:
            for name, weight in run.target_network.state_dict().items():
                weight += config.tau * (run.q_network.state_dict()[name] - weight)
        if terminated or truncated:
            run.returns += [run.episode_return]
            run.episode_return = 0
            run.obs = run.env.reset()[0]
            if on_episode:
                on_episode(run.step, run.returns[-1])


def loop_target_first(run, num_steps, td_target, on_episode=None):
    config, q_network, target_network = run.config, run.q_network, run.target_network
    for _ in range(num_steps):
        epsilon = epsilon_schedule(run.step, config.epsilon_start, config.epsilon_end, config.decay_steps)
        action = act(q_network, run.obs[np.newaxis], epsilon, run.rng)[0]
        next_obs, reward, terminated, truncated, _ = run.env.step(action)
        run.memory.add(run.obs, action, reward, next_obs, bool(terminated))
        done, run.step, run.episode_return = terminated or truncated, run.step + 1, run.episode_return + float(reward)
        if run.step % config.target_every == 0:
            soft_update(target_network, q_network, tau=config.tau)
        if run.step % config.train_every == 0 and run.step > config.learning_starts - 1:
            batch = run.memory.sample(config.batch_size, rng=run.rng)
            td_errors = pick(q_network(batch.obs), batch.actions) - td_target(
                batch, q_network=q_network, target_network=target_network, gamma=config.gamma
            )
            small = td_errors.abs() <= 1
            loss = torch.where(small, td_errors.square() / 2, td_errors.abs() - 0.5).mean()
            for parameter, gradient in zip(
                q_network.parameters(), torch.autograd.grad(loss, list(q_network.parameters())), strict=True
            ):
                parameter.grad = gradient
            run.optimizer.step()
        run.obs = run.env.reset()[0] if done else next_obs
        if done:
            run.returns.append(run.episode_return)
            run.episode_return = 0.0
            if on_episode is not None:
                on_episode(run.step, run.returns[-1])


def explore(run, epsilon, greedy_action):
    """An ε-greedy action."""
    if run.rng.random() < epsilon:
        return int(run.rng.integers(run.env.action_space.n))
    return greedy_action(run.obs)


def remember(run, action, reward, next_obs, terminated, truncated):
    """Store a transition."""
    run.memory.add(run.obs, action, reward, next_obs, terminated)


def flagged(flag):
    """Store a transition with another flag, `flag(terminated, truncated)`."""
    return lambda run, action, reward, next_obs, *flags: run.memory.add(run.obs, action, reward, next_obs, flag(*flags))


def move_on(run, reward, next_obs):
    """Be where the step has led."""
    run.obs, run.step, run.episode_return = next_obs, run.step + 1, run.episode_return + reward


def due(run, done):
    """Whether an update is due; `done` counts the steps of this call."""
    return run.step >= run.config.learning_starts and run.step % run.config.train_every == 0


def follow(run):
    """Let the target network follow, where that is due."""
    if run.step % run.config.target_every == 0:
        soft_update(run.target_network, run.q_network, run.config.tau)


def begin(run):
    """Begin a new episode."""
    run.obs, _ = run.env.reset()
    run.returns.append(run.episode_return)
    run.episode_return = 0.0


def make_learn(
    parts=("zero", "backward", "step"),
    predict=lambda q_network, batch: pick(q_network(batch.obs), batch.actions),
    loss=F.smooth_l1_loss,
    target=lambda td_target, batch, run: td_target(batch, run.q_network, run.target_network, run.config.gamma),
    size=lambda run: run.config.batch_size,
    rng=lambda run: run.rng,
    again=False,
):
    """One update with one part exchanged."""

    def learn(run, td_target):
        batch = run.memory.sample(size(run), rng(run))
        targets = target(td_target, batch, run)
        batch = run.memory.sample(size(run), rng(run)) if again else batch
        error = loss(predict(run.q_network, batch), targets)
        for part in parts:
            {"zero": run.optimizer.zero_grad, "backward": error.backward, "step": run.optimizer.step}[part]()

    return learn


LEARN = make_learn()


def make_loop(
    act=explore,
    remember=remember,
    move_on=move_on,
    due=due,
    learn=LEARN,
    follow=follow,
    over=lambda terminated, truncated: terminated or truncated,
    begin=begin,
    tell=lambda on_episode, run: on_episode(run.step, run.returns[-1]),
    tell_each_step=False,
    start=lambda run: None,
):
    """The training loop with one part exchanged."""

    def attempt(run, num_steps, td_target, on_episode=None):
        config, greedy_action = run.config, GreedyActor(run.q_network)
        on_episode = on_episode or (lambda step, value: None)
        start(run)
        for done in range(1, num_steps + 1):
            epsilon = epsilon_schedule(run.step, config.epsilon_start, config.epsilon_end, config.decay_steps)
            action = act(run, epsilon, greedy_action)
            next_obs, reward, terminated, truncated, _ = run.env.step(action)
            remember(run, action, reward, next_obs, terminated, truncated)
            move_on(run, reward, next_obs)
            if due(run, done):
                learn(run, td_target)
            follow(run)
            if tell_each_step:
                on_episode(run.step, run.episode_return)
            if over(terminated, truncated):
                begin(run)
                if not tell_each_step:
                    tell(on_episode, run)

    return attempt
