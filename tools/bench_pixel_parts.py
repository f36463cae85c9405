"""What `make bench` measures of chapter 07, a part a function: each returns plain numbers."""

import functools
from dataclasses import replace
from importlib.util import find_spec

import ale_py
import gymnasium as gym
import numpy as np
import torch
from bench_clock import timed
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from drl_helpers.exercises.reference import solution_namespace

torch.set_num_threads(1)
gym.register_envs(ale_py)
WARM_UP = 40  # steps; what happens at first use only is not measured


@functools.cache  # finding it again takes milliseconds
def chapter() -> dict:
    """The definitions of chapter 07's solution."""
    return solution_namespace("07_pong")


def settings(learning_starts, **changes):
    """The chapter's settings, but for `changes`, and that learning starts earlier, with ε at its end by then."""
    return replace(chapter()["PongConfig"](), learning_starts=learning_starts, decay_steps=learning_starts, **changes)


def filled(config, seed):
    """A PongRun of ours whose memory holds config.learning_starts steps, and which has learned nothing yet."""
    run = chapter()["PongRun"](config, seed)
    chapter()["train_pong"](run, config.learning_starts)
    return run


class SmallPictures(gym.Wrapper):
    """One game of Pong as the chapter's vector environment shows it, but for the stack: uint8, shape (32, 32).

    Grey comes from the console. Four frames a step, the brighter pixel of the last two, means of 5 × 5 blocks.
    """

    def __init__(self, sticky):
        env = gym.make("ALE/Pong-v5", frameskip=1, obs_type="grayscale", repeat_action_probability=sticky)
        super().__init__(env)
        self.rows = chapter()["FIELD"]
        self.observation_space = gym.spaces.Box(0, 255, (32, 32), np.uint8)

    def small(self, screen):
        """The playing field on a grey screen of 210 × 160."""
        field = screen[5 * self.rows.start : 5 * self.rows.stop].reshape(32, 5, 160)
        sums = field.sum(axis=1, dtype=np.uint16).reshape(32, 32, 5).sum(axis=2, dtype=np.uint16)
        return ((sums + 12) // 25).astype(np.uint8)  # the mean of 25 pixels, rounded

    def reset(self, **options):
        """Begin a game, with up to 30 actions that do nothing."""
        screen, info = self.env.reset(**options)
        for _ in range(self.unwrapped.np_random.integers(31)):
            screen, *_, info = self.env.step(0)
        return self.small(screen), info

    def step(self, action):
        """Four frames with this action."""
        screens, total = [], 0.0
        for _ in range(4):
            screen, reward, terminated, truncated, info = self.env.step(action)
            screens.append(screen)
            total += reward
            if terminated or truncated:
                break
        return self.small(np.maximum(screens[-1], screens[-2:][0])), total, terminated, truncated, info


def one_game(sticky):
    """One game that shows what the chapter's vector environment shows: uint8, shape (4, 32, 32)."""
    return FrameStackObservation(SmallPictures(sticky), 4, padding_type="zero")


def usual_game():
    """One game through Gymnasium's wrappers for Atari, with their defaults: uint8, shape (4, 84, 84)."""
    return FrameStackObservation(AtariPreprocessing(gym.make("ALE/Pong-v5", frameskip=1), frame_skip=4), 4)


def repeated(work, times):
    """What `times` calls cost, and how many they were; a tenth as many come before, unmeasured."""

    def repeat(count):
        for _ in range(count):
            work()

    repeat(times // 10)
    return timed(lambda: repeat(times))[1] | {"count": times}


def stepping_one(env, seed):
    """A function that takes a step of one game at random, and begins the next game where it is over."""
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)

    def step():
        _, _, terminated, truncated, _ = env.step(int(rng.integers(6)))
        if terminated or truncated:
            env.reset()

    return step


def pixel_pieces(seed, steps, learning_starts) -> dict:
    """Pieces of the chapter by themselves, piece → its cost, and how often that was.

    A count is of steps of all eight games, or of one, and of updates and batches.
    """
    run, rng = filled(settings(learning_starts), seed), np.random.default_rng(seed)
    act, moves, games = chapter()["act"], chapter()["MOVES"], run.config.num_games

    def acting():
        obs = run.env.step(moves[act(run.values, run.obs, 0.0, run.rng)])[0]
        run.obs = obs[..., run.field, :]

    work = {
        "games": (lambda: run.env.step(rng.integers(6, size=games)), steps // games),
        "acting": (acting, steps // games),
        "update": (lambda: chapter()["pong_update"](run), steps // games),
        "sample": (lambda: run.memory.sample(run.config.batch_size, run.rng, 1.0), steps // games),
        "one game": (stepping_one(one_game(run.config.sticky), seed), steps),
    }
    if find_spec("cv2") is not None:
        work["usual game"] = stepping_one(usual_game(), seed), steps
    costs = {piece: repeated(*job) for piece, job in work.items()}
    run.env.close()
    return costs


def pixel_ours(seed, steps, learning_starts, **changes) -> dict:
    """The chapter's loop: the cost of so many steps, some time after learning_starts."""
    run, train = filled(settings(learning_starts, **changes), seed), chapter()["train_pong"]
    train(run, learning_starts + WARM_UP)
    begun = run.step
    _, cost = timed(lambda: train(run, begun + steps))
    run.env.close()
    return cost | {"steps": run.step - begun}


def sb3_filled(config, seed, fused):
    """Stable-Baselines3's DQN with the same settings, whose memory is filled; the next call of learn() learns."""
    from stable_baselines3 import DQN
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
    from stable_baselines3.common.vec_env import DummyVecEnv

    class Eyes(BaseFeaturesExtractor):
        """Our convolutions and our hidden layer; pictures are divided by 255 before."""

        def __init__(self, observation_space):
            super().__init__(observation_space, config.hidden_size)
            size = observation_space.shape[-2:]
            self.eyes = chapter()["PongNetwork"](6, size, config.convolutions, config.hidden_size).eyes

        def forward(self, observations):
            return self.eyes(observations)

    model = DQN(
        "CnnPolicy",
        DummyVecEnv([lambda: one_game(config.sticky)] * config.num_games),
        learning_rate=config.learning_rate,
        buffer_size=config.capacity,
        learning_starts=config.learning_starts,
        batch_size=config.batch_size,
        gamma=config.gamma,
        train_freq=1,  # counted in steps of all games together
        gradient_steps=config.num_games // config.train_every,
        n_steps=config.n_steps,
        target_update_interval=config.target_every,
        exploration_initial_eps=config.epsilon_end,  # what comes before learning_starts is drawn uniformly
        exploration_final_eps=config.epsilon_end,
        policy_kwargs={
            "features_extractor_class": Eyes,
            "net_arch": [],
            "optimizer_kwargs": {"fused": True} if fused else {},
        },
        seed=seed,
        device=config.device,
    )
    return model.learn(config.learning_starts)


def pixel_sb3(seed, fused, steps, learning_starts, **changes) -> dict:
    """Stable-Baselines3's DQN with the same settings: the cost of so many steps, some time after learning_starts.

    Args:
        fused: whether its Adam is PyTorch's fused one, as ours is; by default it is not.
    """
    model = sb3_filled(settings(learning_starts, **changes), seed, fused)
    model.learn(WARM_UP, reset_num_timesteps=False)
    begun = model.num_timesteps
    _, cost = timed(lambda: model.learn(steps, reset_num_timesteps=False))
    model.env.close()
    return cost | {"steps": model.num_timesteps - begun}


PIXEL_PARTS = {part.__name__: part for part in (pixel_pieces, pixel_ours, pixel_sb3)}
