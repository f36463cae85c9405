"""The agents of chapters 08 to 10: ends of episodes, equal seeds, interrupts, statistics kept with weights."""

import hashlib
import json
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch

from drl_helpers import records
from drl_helpers.a2c import A2CConfig, A2CRun, train_a2c
from drl_helpers.checkpoint import load_weights, save_weights
from drl_helpers.policy import PolicyNetwork, numpy_layers
from drl_helpers.ppo import CategoricalPolicy, GaussianPolicy, numpy_policy
from drl_helpers.ppo_run import PPOConfig, PPORun, train_ppo
from drl_helpers.reinforce import play_episodes, returns_of, rewards_to_go
from drl_helpers.reinforce_run import ReinforceConfig, ReinforceRun, train_reinforce, train_until_solved
from drl_helpers.rollout import collect, count_episodes, same_step_envs
from drl_helpers.softmax_bars import SoftmaxBars

AGENTS = {
    "REINFORCE": (ReinforceRun, ReinforceConfig(), train_reinforce),
    "A2C": (A2CRun, A2CConfig(), train_a2c),
    "PPO": (PPORun, PPOConfig(num_steps=32, normalise_obs=True, scale_rewards=True), train_ppo),
    "PPO, continuous": (PPORun, PPOConfig(env_id="Pendulum-v1", num_steps=128, normalise_obs=True), train_ppo),
}
EACH = pytest.mark.parametrize("name", AGENTS)


def weights_of(run):
    return torch.cat(
        [part.detach().flatten() for part in (*run.policy.state_dict().values(), *run.critic.parameters())]
    )


@EACH
def test_equal_seeds_give_equal_agents_and_training_in_parts_changes_nothing(name):
    make, config, train = AGENTS[name]
    whole, parts, other = make(config, 3), make(config, 3), make(config, 4)
    train(whole, 4)
    for num_updates in (1, 3):
        train(parts, num_updates)
    train(other, 4)
    assert torch.equal(weights_of(whole), weights_of(parts)) and whole.returns == parts.returns
    assert not torch.equal(weights_of(whole), weights_of(other))
    assert whole.updates == 4 and whole.step > 0


@EACH
def test_an_interrupted_training_keeps_what_it_has_and_goes_on(name):
    make, config, train = AGENTS[name]
    run, before = make(config, 0), None

    def interrupt(step, value):
        raise KeyboardInterrupt

    before = weights_of(run).clone()
    with pytest.raises(KeyboardInterrupt):
        train(run, 50, interrupt)
    assert run.returns and run.step > 0 and not torch.equal(before, weights_of(run))
    updates = run.updates
    train(run, 2)
    assert run.updates == updates + 2 and torch.isfinite(weights_of(run)).all()


@EACH
def test_the_best_weights_are_kept(name):
    make, config, train = AGENTS[name]
    changes = {"eval_every": 1, "eval_episodes": 3, "solved_at": np.inf}
    rows = config.num_envs * config.num_steps if train is train_ppo else None
    run = make(replace(config, **changes, **({"total_steps": 3 * rows} if rows else {"total_updates": 3})), 1)
    train_until_solved(run, train)
    assert run.updates == 3 and len(run.evaluations) == 3
    assert run.best_score == max(score for _, score in run.evaluations)
    run.policy.load_state_dict(run.best_weights)


def by_hand(env_id, seed, actions, limit):
    """Observations of one environment, reset whenever an episode ends: those left and those reached, and the flags."""
    env = gym.make(env_id, max_episode_steps=limit)
    (obs, _), left, reached, flags = env.reset(seed=seed), [], [], []
    for action in actions:
        next_obs, _, terminated, truncated, _ = env.step(action)
        left.append(obs)
        reached.append(next_obs)
        flags.append((terminated, truncated))
        obs = env.reset()[0] if terminated or truncated else next_obs
    return np.array(left), np.array(reached), np.array(flags)


@pytest.mark.parametrize("limit", [7, 500])
def test_a_rollout_is_what_a_single_environment_shows(limit):
    envs, rng = same_step_envs("CartPole-v1", 2, max_episode_steps=limit), np.random.default_rng(0)
    (obs, _), played = envs.reset(seed=5), rng.integers(2, size=(60, 2))
    moves = iter(played)
    rollout, _ = collect(envs, obs, lambda obs: next(moves), 60)
    for column in range(2):  # the second environment is seeded with the next number
        left, reached, flags = by_hand("CartPole-v1", 5 + column, played[:, column], limit)
        assert np.array_equal(rollout.obs[:, column].numpy(), left)
        assert np.array_equal(rollout.next_obs[:, column].numpy(), reached)
        both = np.stack([rollout.terminated[:, column].numpy(), rollout.truncated[:, column].numpy()], axis=1)
        assert np.array_equal(both, flags) and flags.any(axis=0)[1 if limit == 7 else 0]


def test_returns_of_episodes_that_were_cut_off_go_on_with_the_critic():
    run = ReinforceRun(ReinforceConfig(episodes_per_update=4), 0)
    run.envs = gym.make_vec("CartPole-v1", 4, max_episode_steps=12)
    run.envs.reset(seed=0)
    episodes = play_episodes(run.envs, run.policy, run.rng)
    assert {episode.terminated for episode in episodes} == {True, False}, "the case must have both ends"
    with torch.no_grad():
        values = run.critic(torch.from_numpy(np.stack([episode.final_obs for episode in episodes]))).numpy()
    expected = [
        rewards_to_go(episode.rewards, 0.0 if episode.terminated else value, 0.9)
        for episode, value in zip(episodes, values, strict=True)
    ]
    assert np.allclose(returns_of(episodes, run.critic, 0.9).numpy(), np.concatenate(expected))


def test_finished_episodes_are_counted_once_with_their_whole_return():
    run, seen = A2CRun(A2CConfig(num_envs=3), 0), []
    for _ in range(6):
        rollout, run.obs = collect(run.envs, run.obs, run.sampled, 16)
        count_episodes(run, rollout, lambda step, value: seen.append(value))
    assert run.step == 6 * 16 * 3 and seen == run.returns
    assert sum(run.returns) + run.episode_returns.sum() == run.step, "each step of CartPole brings 1"


@pytest.mark.parametrize("policy", [CategoricalPolicy(5, 3), GaussianPolicy(5, 2)])
def test_statistics_are_stored_with_the_weights(policy, tmp_path):
    torch.manual_seed(0)
    policy.norm.update(3 + 2 * torch.randn(50, 5))
    obs = np.random.default_rng(0).normal(3, 2, (7, 5)).astype(np.float32)
    save_weights(policy, tmp_path / "policy.safetensors")
    other = type(policy)(5, 3 if isinstance(policy, CategoricalPolicy) else 2)
    load_weights(other, tmp_path / "policy.safetensors")
    assert np.array_equal(policy.greedy(obs), other.greedy(obs)) and other.norm.count == 50
    with torch.no_grad():
        assert np.allclose(numpy_policy(policy)(obs), policy(torch.from_numpy(obs)).numpy(), atol=1e-5)


def test_numpy_layers_see_what_an_optimizer_changes():
    policy, obs = PolicyNetwork(4, 2), np.ones((3, 4), np.float32)
    outputs = numpy_layers(policy.layers)
    before = outputs(obs).copy()
    optimizer = torch.optim.Adam(policy.parameters(), 0.1, fused=True)
    policy(torch.from_numpy(obs)).sum().backward()
    optimizer.step()
    after = outputs(obs)
    assert not np.allclose(before, after)
    assert np.allclose(after, policy(torch.from_numpy(obs)).detach().numpy(), atol=1e-5)


def test_the_environment_clips_and_the_rollout_keeps_the_draw():
    run, seen = PPORun(PPOConfig(env_id="Pendulum-v1", num_envs=2), 0), []
    inner, step = run.envs.env, run.envs.env.step
    inner.step = lambda actions: (seen.append(np.array(actions)), step(actions))[1]
    drawn = np.full((2, 1), 3.5, np.float32)
    rollout, _ = collect(run.envs, run.obs, lambda obs: drawn, 2)
    assert (rollout.actions == 3.5).all() and all((actions == 2.0).all() for actions in seen)
    assert (run.greedy(run.obs) <= run.space.high).all()


def test_the_shipped_lander_is_the_recorded_one():
    runs = json.loads((records.HERE / "10_lunar.json").read_text(encoding="utf-8"))["runs"]["PPO"]
    shipped = hashlib.sha256((records.HERE.parent / "weights" / "10_lunar_lander.safetensors").read_bytes()).hexdigest()
    assert shipped in [run.get("sha256") for run in runs]


def test_weights_go_beside_the_records(monkeypatch, tmp_path):
    assert records.weights_file("x") == records.HERE.parent / "weights" / "x.safetensors"
    monkeypatch.setenv("DRL_RECORDS", str(tmp_path))
    assert records.weights_file("x") == tmp_path / "weights" / "x.safetensors"


def test_the_softmax_bars_follow_the_gradient():
    bars = SoftmaxBars(rewards=(1.0, 0.2, -0.5))
    before = bars.objective()
    for _ in range(5):
        bars.step_button.click()
    assert bars.objective() > before and bars.policy().sum() == pytest.approx(1)
    shares, bars.baseline.value, mean = bars.policy(), True, np.zeros(3)
    expected = bars.gradient()
    for arm in range(3):
        bars.pulled.value = arm
        mean += shares[arm] * bars.gradient()
    assert np.allclose(mean, expected), "single pulls must average to the true gradient"
    assert "alt=" in bars._repr_mimebundle_()["text/html"]
