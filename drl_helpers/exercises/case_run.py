"""The runs of actor and critic among the arguments of cases, what is seen of an update, and the step it takes."""

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from drl_helpers.policy import PolicyNetwork, ValueNetwork

OBS_SIZE, ACTIONS = 3, 4


class CaseRun:
    """Stands for a run on a card; the check makes it anew for each attempt. Its optimizer is plain SGD.

    Args:
        config: of the chapter's own class, made with `settings`.
        settings: what the card tells of it.
        seed: of the weights, and of `run.rng`.
        learning_rate: of SGD.
        about: words that the card tells before the settings.
    """

    def __init__(self, config, settings, seed, learning_rate, about=()):
        self.config, self.seed, self.learning_rate = config, seed, learning_rate
        self.words = "run with " + ", ".join([*about, *(f"{name}={value}" for name, value in settings.items())])

    def __repr__(self):
        return self.words

    def make_policy(self):
        """The policy, with fresh weights."""
        return PolicyNetwork(OBS_SIZE, ACTIONS, (5,))

    def make(self):
        """A run with small networks, whose optimizer counts its steps."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            policy, critic = self.make_policy(), ValueNetwork(OBS_SIZE, (6,))
        parameters = [*policy.parameters(), *critic.parameters()]
        with torch.no_grad():
            for parameter in parameters:
                parameter *= 1.5  # values and gradients of a size that shows
        run = SimpleNamespace(config=self.config, policy=policy, critic=critic, parameters=parameters, steps=0)
        run.optimizer, run.rng = torch.optim.SGD(parameters, self.learning_rate), np.random.default_rng(self.seed)

        def count(*_):
            run.steps += 1

        run.optimizer.register_step_post_hook(count)
        return run


def flat(network):
    """All weights of a network in one array."""
    return torch.cat([parameter.detach().flatten() for parameter in nn.Module.parameters(network)]).numpy().copy()


def observe_two_updates(attempt, case, given, arrays):
    """Two updates in a row: how policy and critic have changed after each, and how many steps were taken.

    Args:
        given: the name of the argument from which it learns.
        arrays: all arrays or tensors that this argument holds, as a list.
    """
    run, data = case.args["run"].make(), case.args[given]
    before, seen = [np.asarray(part).copy() for part in arrays(data)], {}
    networks = run.policy, run.critic
    for when in ("first", "second"):
        attempt(run, data)
        for name, network in (("policy", run.policy), ("critic", run.critic)):
            seen[f"the weights of `run.{name}` after the {when} update"] = flat(network)
    seen["the number of optimizer steps in two updates"] = run.steps
    seen["the networks"] = "the same objects" if (run.policy, run.critic) == networks else "replaced"
    same = all(np.array_equal(one, two) for one, two in zip(before, arrays(data), strict=True))
    return seen | {f"`{given}` afterwards": "unchanged" if same else "changed"}


def joint_clip(run):
    """Shorten the gradient of all parameters together."""
    nn.utils.clip_grad_norm_(run.parameters, run.config.max_grad_norm)


def clip_apart(run):
    """The mistake: shorten the gradients of policy and critic each on its own."""
    for network in (run.policy, run.critic):
        nn.utils.clip_grad_norm_(network.parameters(), run.config.max_grad_norm)


def take_step(run, loss, parts, clip=joint_clip):
    """Do these parts of an optimisation step, in this order: "zero", "backward", "clip" or "step"."""
    steps = {"zero": run.optimizer.zero_grad, "backward": loss.backward, "step": run.optimizer.step}
    steps["clip"] = lambda: clip(run)
    for part in parts:
        steps[part]()


def sum_of(policy=1.0, critic=1.0, bonus=-1.0, weighted=("critic", "bonus")):
    """The loss from its three parts; with other signs, or without weights, a mistake."""

    def total(run, policy_loss, critic_loss, entropy):
        critic_weight = getattr(run.config, "critic_weight", 1.0) if "critic" in weighted else 1.0
        entropy_weight = run.config.entropy_weight if "bonus" in weighted else 1.0
        return policy * policy_loss + critic * critic_weight * critic_loss + bonus * entropy_weight * entropy

    return total


one_loss = sum_of()  # as it should be


def not_detached(log_probs, advantages):
    """The mistake: the loss of the policy, through whose advantages a gradient flows."""
    return -(log_probs * advantages).mean()
