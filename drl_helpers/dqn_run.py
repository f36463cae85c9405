"""A DQN run of chapter 05: its settings, and all that changes while it trains, to be kept and taken up again."""

from dataclasses import asdict, dataclass

import gymnasium as gym
import numpy as np
import torch

from drl_helpers.networks import QNetwork
from drl_helpers.replay import ReplayMemory


@dataclass
class DQNConfig:
    """Settings of a run. Where nothing else is said, they count steps of the environment."""

    env_id: str = "CartPole-v1"
    total_steps: int = 50_000  # the most it may take
    hidden_sizes: tuple = (128, 128)  # neurons in each hidden layer
    learning_rate: float = 5e-4  # Adam's step size
    gamma: float = 0.99  # discount
    batch_size: int = 128  # transitions in one update
    capacity: int = 50_000  # transitions in the replay memory
    learning_starts: int = 1_000  # steps before the first update
    train_every: int = 2  # from one update to the next
    target_every: int = 2  # from one update of the target network to the next
    tau: float = 0.01  # share of the online network that goes into the target network; 1: all of it
    epsilon_start: float = 1.0
    epsilon_end: float = 0.05
    decay_steps: int = 10_000  # until epsilon has come down
    eval_every: int = 1_000  # from one evaluation to the next
    eval_episodes: int = 50
    solved_at: float = 500.0  # mean return over an evaluation at which training stops


class DQNRun:
    """All that a training consists of between two steps."""

    def __init__(self, config, seed):
        torch.manual_seed(seed)  # the initial weights come from PyTorch's own generator
        self.config, self.seed, self.rng = config, seed, np.random.default_rng(seed)
        self.env = gym.make(config.env_id)
        self.obs, _ = self.env.reset(seed=seed)
        shape, num_actions = self.obs.shape, int(self.env.action_space.n)
        self.q_network = QNetwork(*shape, num_actions, config.hidden_sizes)
        self.target_network = QNetwork(*shape, num_actions, config.hidden_sizes)
        self.target_network.load_state_dict(self.q_network.state_dict())
        self.optimizer = torch.optim.Adam(self.q_network.parameters(), config.learning_rate, fused=True)
        self.memory = ReplayMemory(config.capacity, shape)
        self.step, self.episode_return, self.returns = 0, 0.0, []
        self.evaluations, self.eval_steps, self.best_score, self.best_weights = [], 0, -np.inf, None


PLAIN = ("seed", "step", "episode_return", "returns", "evaluations", "eval_steps", "best_score", "best_weights")
RING = ("obs", "actions", "rewards", "next_obs", "terminated")
LEARNED = ("q_network", "target_network", "optimizer")


def run_state(run):
    """A run as a dict of numbers, text and tensors: everything on which its next step depends."""
    memory, world = run.memory, run.env.unwrapped
    return {
        "config": asdict(run.config),
        **{name: getattr(run, name) for name in PLAIN},
        **{name: getattr(run, name).state_dict() for name in LEARNED},
        "memory": {name: torch.from_numpy(getattr(memory, name)[: memory.size]) for name in RING},
        "position": memory.position,
        "obs": torch.from_numpy(run.obs),
        "physics": [float(number) for number in world.state],
        "elapsed_steps": run.env.get_wrapper_attr("_elapsed_steps"),  # the time limit's counter
        "generators": [run.rng.bit_generator.state, world.np_random.bit_generator.state],
        "torch_generator": torch.get_rng_state(),
    }


def restore_run(state):
    """The run that `run_state` described, ready for its next step (for environments of classic control)."""
    run = DQNRun(DQNConfig(**state["config"]), state["seed"])
    for name in PLAIN:
        setattr(run, name, state[name])
    for name in LEARNED:
        getattr(run, name).load_state_dict(state[name])
    memory, world = run.memory, run.env.unwrapped
    memory.position, memory.size = state["position"], len(state["memory"]["rewards"])
    for name in RING:
        getattr(memory, name)[: memory.size] = state["memory"][name].numpy()
    run.obs, world.state = state["obs"].numpy(), np.array(state["physics"])
    run.env.set_wrapper_attr("_elapsed_steps", state["elapsed_steps"])
    run.rng.bit_generator.state, world.np_random.bit_generator.state = state["generators"]
    torch.set_rng_state(state["torch_generator"])
    return run
