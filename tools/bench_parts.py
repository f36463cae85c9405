"""What `make bench` measures, a part a function: each does its work once, and returns plain numbers.

tools/bench.py runs a part in a process of its own: `python tools/bench_parts.py ours '{"seed": 0, ...}'`.
Seconds are of this process alone: "cpu" is computing time, "wall" what a clock on the wall shows.
"""

import functools
import json
import sys
import tempfile
import time
from unittest import mock

import gymnasium as gym
import numpy as np
import torch
import torch.nn.functional as F
from bench_clock import FRESH, Clock, timed
from bench_pixel_parts import PIXEL_PARTS
from bench_policy_parts import POLICY_PARTS

from drl_helpers import dqn
from drl_helpers.dqn_run import DQNConfig, DQNRun
from drl_helpers.evaluate import evaluate_batch
from drl_helpers.exercises.reference import solution_namespace
from drl_helpers.live import Live
from drl_helpers.networks import act

torch.set_num_threads(1)
WARM_UP = {"steps": 300, "learning_starts": 200}  # imports what is imported at first use; not measured


def settings(steps, learning_starts) -> DQNConfig:
    """The settings of the comparison; Stable-Baselines3 gets its own from here too."""
    return DQNConfig(
        total_steps=steps,
        hidden_sizes=(120, 84),
        learning_rate=1e-3,  # at 2.5e-4, either loop ends at a return of 9 after 60,000 steps
        gamma=0.99,
        batch_size=128,
        capacity=10_000,
        learning_starts=learning_starts,
        train_every=10,
        target_every=500,
        tau=1.0,  # hard copies
        epsilon_start=1.0,
        epsilon_end=0.05,
        decay_steps=steps // 2,
    )


def train(config, seed, on_episode=None) -> DQNRun:
    """Our loop, from nothing to config.total_steps."""
    run = DQNRun(config, seed)
    dqn.train_dqn(run, config.total_steps, dqn.frozen_td_target, on_episode)
    return run


def final_score(q_network, episodes, seed) -> float:
    """Mean return of greedy play, on episodes of its own."""
    policy = functools.partial(act, q_network, epsilon=0.0, rng=np.random.default_rng(seed))
    return float(evaluate_batch("CartPole-v1", policy, episodes, FRESH + seed).mean())


def ours(seed, **sizes) -> dict:
    """Our loop: its cost, and what it has learned."""
    train(settings(**WARM_UP), seed)
    run, cost = timed(lambda: train(settings(**sizes), seed))
    return cost | {"score": final_score(run.q_network, 20, seed)}


def sb3_learned(config, seed, fused):
    """Stable-Baselines3's DQN with the same settings, from nothing to config.total_steps."""
    from stable_baselines3 import DQN

    model = DQN(
        "MlpPolicy",
        config.env_id,
        learning_rate=config.learning_rate,
        buffer_size=config.capacity,
        learning_starts=config.learning_starts,
        batch_size=config.batch_size,
        tau=config.tau,
        gamma=config.gamma,
        train_freq=config.train_every,
        gradient_steps=1,
        target_update_interval=config.target_every,
        exploration_fraction=config.decay_steps / config.total_steps,
        exploration_initial_eps=config.epsilon_start,
        exploration_final_eps=config.epsilon_end,
        policy_kwargs={"net_arch": [*config.hidden_sizes], "optimizer_kwargs": {"fused": True} if fused else {}},
        seed=seed,
        device="cpu",
    )
    return model.learn(config.total_steps)


def sb3(seed, fused, **sizes) -> dict:
    """Stable-Baselines3's DQN: its cost, and what it has learned.

    Args:
        fused: whether its Adam is PyTorch's fused one, as ours is; by default it is not.
    """
    sb3_learned(settings(**WARM_UP), seed, fused)
    model, cost = timed(lambda: sb3_learned(settings(**sizes), seed, fused))
    return cost | {"score": final_score(model.q_net, 20, seed)}


def split(seed, **sizes) -> dict:
    """Our loop with its parts timed: wall seconds of each, without the clock's own cost, and calls.

    The loop is the one that is taught, untouched; what it calls is wrapped. Learning is what lies between
    a batch sampled and the optimiser's step taken; targets and the step are also timed by themselves.
    """
    train(settings(**WARM_UP), seed)
    config, clock = settings(**sizes), Clock()
    inside, around = clock.own_cost()
    run = DQNRun(config, seed)
    run.env.step, run.env.reset = clock.wrap("stepping", run.env.step), clock.wrap("resetting", run.env.reset)
    run.memory.add = clock.wrap("storing", run.memory.add)
    run.memory.sample = clock.wrap("sampling", run.memory.sample)
    adam = clock.wrap("optimiser's step", run.optimizer.step)

    def end_of_learning():
        adam()
        clock.nanoseconds["learning"] += time.perf_counter_ns() - clock.ended["sampling"]
        clock.calls["learning"] += 1

    run.optimizer.step = end_of_learning
    acting = mock.patch.object(dqn.GreedyActor, "__call__", clock.wrap("acting", dqn.GreedyActor.__call__))
    copying = mock.patch.object(dqn, "soft_update", clock.wrap("copying", dqn.soft_update))
    with acting, copying:
        target = clock.wrap("targets", dqn.frozen_td_target)
        _, cost = timed(lambda: dqn.train_dqn(run, config.total_steps, target))
    seconds = {part: clock.nanoseconds[part] / 1e9 - calls * inside for part, calls in clock.calls.items()}
    whole = cost["wall"] - clock.calls.total() * around
    return {"whole": whole, "seconds": seconds, "calls": dict(clock.calls)}


def floor(seed, steps, updates, forwards) -> dict:
    """CPU seconds of what no loop in Python and PyTorch can do without, for so many of each."""
    run, rng = DQNRun(settings(**WARM_UP), seed), np.random.default_rng(seed)

    def environment(count):
        for action in rng.integers(2, size=count).tolist():
            _, _, terminated, truncated, _ = run.env.step(action)
            if terminated or truncated:
                run.env.reset()

    def update(count):
        obs, next_obs, rewards = torch.randn(128, 4), torch.randn(128, 4), torch.ones(128)
        actions, terminated = torch.randint(2, (128, 1)), torch.rand(128) < 0.05
        for _ in range(count):
            with torch.no_grad():
                targets = rewards + 0.99 * ~terminated * run.target_network.layers(next_obs).max(dim=1).values
            loss = F.smooth_l1_loss(run.q_network.layers(obs).gather(1, actions).squeeze(1), targets)
            run.optimizer.zero_grad()
            loss.backward()
            run.optimizer.step()

    def forward(count):
        (w1, b1), (w2, b2), (w3, b3) = dqn.GreedyActor(run.q_network).layers
        obs = run.obs
        for _ in range(count):
            (np.maximum(np.maximum(obs @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3).argmax()

    parts = {"environment": (environment, steps), "updates": (update, updates), "forwards": (forward, forwards)}
    for work, _ in parts.values():
        work(100)  # what happens at first use only
    return {part: timed(lambda w=work, n=count: w(n))[1]["cpu"] for part, (work, count) in parts.items()}


def live(seed, on, **sizes) -> dict:
    """Our loop, followed by the live monitor or not: its cost, how often the monitor drew, and for how long.

    A shell of IPython takes the pictures, which a kernel would send to the notebook.
    """
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as folder:
        quiet = Config({"HistoryManager": {"enabled": False}})
        shell = InteractiveShell.instance(ipython_dir=folder, config=quiet)
        shell.display_pub = CapturingDisplayPublisher()
        train(settings(**WARM_UP), seed)
        with Live(1) as monitor:  # loads fonts, as the first figure in a notebook does
            monitor.update(0, 1.0)
        shell.display_pub.outputs.clear()
        drawing, draw = [], Live._draw

        def followed():
            with Live(sizes["steps"], "return", by_step=True) as monitor:
                train(settings(**sizes), seed, monitor.update)

        def timed_draw(monitor):
            drawing.append(timed(lambda: draw(monitor))[1]["cpu"])

        with mock.patch.object(Live, "_draw", timed_draw):
            _, cost = timed(followed if on else lambda: train(settings(**sizes), seed))
        drawn = sum("<img" in output["data"].get("text/html", "") for output in shell.display_pub.outputs)
        InteractiveShell.clear_instance()
    return cost | {"drawn": drawn, "drawing": sum(drawing)}


def tabular(seed, world, episodes) -> dict:
    """Chapter 01's Q-learning loop: its cost, and how many steps it took."""
    chapter, steps = solution_namespace("01_tabular_q_learning"), 0
    learning = {"CliffWalking-v1": chapter["CLIFF"], "FrozenLake-v1": chapter["LAKE"]}[world]
    make = {"CliffWalking-v1": chapter["make_cliff"], "FrozenLake-v1": lambda: gym.make(world)}[world]

    def counted(*args):
        nonlocal steps
        steps += 1
        return chapter["epsilon_greedy"](*args)

    def learn(choose):
        env, rng = make(), np.random.default_rng(seed)
        table = np.zeros((env.observation_space.n, env.action_space.n))
        update = chapter["q_learning_update"]
        chapter["train_q_learning"](env, table, choose, update, episodes, **learning, rng=rng)

    learn(counted)  # the same seed takes the same steps, so only this one need be counted
    _, cost = timed(lambda: learn(chapter["epsilon_greedy"]))
    return cost | {"steps": steps}


def cartpole(seed, **changes) -> dict:
    """Chapter 05's training until CartPole is solved: cost, steps, and the score of the weights it kept."""
    train(settings(**WARM_UP), seed)
    config = DQNConfig(**changes)

    def solve():
        run = DQNRun(config, seed)
        dqn.train_and_select(run, dqn.double_td_target)
        return run

    run, cost = timed(solve)
    run.q_network.load_state_dict(run.best_weights)
    solved = run.best_score >= config.solved_at
    score = final_score(run.q_network, 100, 1_000 * (seed + 1))
    return cost | {"steps": run.step, "evaluation_steps": run.eval_steps, "solved": solved, "score": score}


PARTS = {part.__name__: part for part in (ours, sb3, split, floor, live, tabular, cartpole)}
PARTS |= PIXEL_PARTS | POLICY_PARTS

if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](**json.loads(sys.argv[2]))))
