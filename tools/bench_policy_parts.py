"""What `make bench` measures of chapters 08 to 10, a part a function: each returns plain numbers."""

from dataclasses import replace

import torch
from bench_clock import FRESH, timed

from drl_helpers.a2c import A2CConfig, A2CRun, train_a2c
from drl_helpers.evaluate import evaluate_batch
from drl_helpers.exercises.reference import solution_namespace
from drl_helpers.ppo_run import PPOConfig, PPORun, train_ppo
from drl_helpers.reinforce_run import ReinforceConfig, ReinforceRun, train_reinforce, train_until_solved

torch.set_num_threads(1)
WARM_UP = 2_048  # steps; they import what is imported at first use, and are not measured
OURS = {
    "REINFORCE": (ReinforceConfig, ReinforceRun, train_reinforce),
    "A2C": (A2CConfig, A2CRun, train_a2c),
    "PPO": (PPOConfig, PPORun, train_ppo),
}
TASKS = {  # settings that differ from the defaults, and the score that is asked for
    "REINFORCE, CartPole-v1": ("REINFORCE", None, 490),
    "A2C, CartPole-v1": ("A2C", None, 475),
    "PPO, CartPole-v1": ("PPO", None, 490),
    "PPO, Pendulum-v1": ("PPO", "PENDULUM", -230),
}


def task_settings(task, updates):
    """The settings of a headline: the chapter's own, with no more than so many updates."""
    algorithm, constant, _ = TASKS[task]
    config = solution_namespace("10_ppo")[constant] if constant else OURS[algorithm][0]()
    if updates is None:
        return config
    if algorithm == "PPO":
        return replace(config, total_steps=updates * config.num_envs * config.num_steps)
    return replace(config, total_updates=updates)


def trained(algorithm, seed, steps):
    """A run of our loop of about `steps` steps, with the settings of its chapter."""
    config_class, run_class, train = OURS[algorithm]
    run = run_class(config_class(), seed)
    while run.step < steps:
        train(run, 1)
    return run


def score(run, episodes, seed) -> float:
    """Mean return of greedy play, on episodes of its own."""
    return float(evaluate_batch(run.config.env_id, run.greedy, episodes, FRESH + seed).mean())


def policy_ours(seed, algorithm, steps) -> dict:
    """Our loop on CartPole: its cost, its steps, and what it has learned by then."""
    trained(algorithm, seed, WARM_UP)
    run, cost = timed(lambda: trained(algorithm, seed, steps))
    return cost | {"steps": run.step, "score": score(run, 20, seed)}


def sb3_trained(algorithm, seed, steps, fused):
    """Stable-Baselines3's A2C or PPO with the settings of our chapter's configuration."""
    from stable_baselines3 import A2C, PPO
    from stable_baselines3.common.env_util import make_vec_env

    config = OURS[algorithm][0]()
    shared = {
        "env": make_vec_env(config.env_id, config.num_envs, seed=seed),
        "n_steps": config.num_steps,
        "gamma": config.gamma,
        "gae_lambda": config.gae_lambda,
        "ent_coef": config.entropy_weight,
        "vf_coef": config.critic_weight,
        "max_grad_norm": config.max_grad_norm,
        "seed": seed,
        "device": "cpu",
    }
    adam = {"eps": 1e-5} if algorithm == "PPO" else {}
    network = {"net_arch": [*config.hidden_sizes], "optimizer_class": torch.optim.Adam}
    network["optimizer_kwargs"] = adam | ({"fused": True} if fused else {})
    if algorithm == "A2C":
        model = A2C("MlpPolicy", learning_rate=config.learning_rate, policy_kwargs=network, **shared)
    else:
        rows = config.num_envs * config.num_steps // config.minibatches
        ppo = {"batch_size": rows, "n_epochs": config.epochs, "clip_range": config.clip_range}
        left = config.total_steps / steps  # theirs falls to 0 over its own steps, ours over total_steps
        rate = lambda remaining: config.learning_rate * (1 - (1 - remaining) / left)
        model = PPO("MlpPolicy", learning_rate=rate, policy_kwargs=network, **ppo, **shared)
    return model.learn(steps)


def policy_sb3(seed, algorithm, steps, fused) -> dict:
    """Stable-Baselines3 with the same settings: its cost, its steps, and what it has learned by then.

    Args:
        fused: whether its Adam is PyTorch's fused one, as ours is; by default it is not.
    """
    sb3_trained(algorithm, seed, WARM_UP, fused)
    model, cost = timed(lambda: sb3_trained(algorithm, seed, steps, fused))
    policy = lambda obs: model.predict(obs, deterministic=True)[0]
    greedy = float(evaluate_batch("CartPole-v1", policy, 20, FRESH + seed).mean())
    return cost | {"steps": model.num_timesteps, "score": greedy}


def headline(seed, task, updates) -> dict:
    """A chapter's training with its settings, until it is solved or over: cost, steps, and the score of what it kept.

    Args:
        updates: the most it may take, for a trial; None for the chapter's own number.
    """
    algorithm, _, asked = TASKS[task]
    _, run_class, train = OURS[algorithm]
    trained(algorithm, seed, WARM_UP)

    def solve():
        run = run_class(task_settings(task, updates), seed)
        train_until_solved(run, train)
        return run

    run, cost = timed(solve)
    run.policy.load_state_dict(run.best_weights)
    final = score(run, 100, 1_000 * (seed + 1))
    return cost | {"steps": run.step, "score": final, "reached": final >= asked}


POLICY_PARTS = {part.__name__: part for part in (policy_ours, policy_sb3, headline)}
