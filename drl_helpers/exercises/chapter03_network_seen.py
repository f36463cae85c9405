"""What can be seen of a Q-network: the observations of exercise 3.1 of chapter 03."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from drl_helpers.exercises.compare import short


def computed(linears, obs, activation, after_last=None, places=lambda number, hidden: True):
    """What linear layers make of obs with an activation after the hidden ones for which `places` holds."""
    hidden = len(linears) - 1
    for number, layer in enumerate(linears):
        obs = layer(obs)
        after = after_last if number == hidden else activation if places(number, hidden) else None
        obs = obs if after is None else after(obs)
    return obs


RIGHT_WAY = "linear layers, a ReLU after each hidden one"
WAYS = {
    RIGHT_WAY: (F.relu, None),
    "linear layers without anything between them": (None, None),
    "linear layers with a ReLU after each, the last one too": (F.relu, F.relu),
    "linear layers, a ReLU after the first one only": (F.relu, None, lambda number, hidden: number == 0),
    "linear layers, no ReLU after the last hidden one": (F.relu, None, lambda number, hidden: number < hidden - 1),
    "linear layers with tanh between them": (torch.tanh, None),
    "linear layers with a sigmoid between them": (torch.sigmoid, None),
    "linear layers and ReLUs, then a softmax": (F.relu, lambda q: q.softmax(-1)),
    "linear layers and ReLUs, then a tanh": (F.relu, torch.tanh),
    "linear layers and ReLUs, then a sigmoid": (F.relu, torch.sigmoid),
}


def observe_network(attempt, case):
    """What a network made by `attempt` consists of, and what it computes."""
    obs_size, num_actions, *hidden = case.args.values()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        q_network = attempt(obs_size, num_actions, *hidden)
        obs = torch.randn(7, obs_size)
    if not isinstance(q_network, nn.Module):
        return {"what it makes": f"{short(q_network)}, which is no `nn.Module`"}
    linears = [module for module in q_network.modules() if isinstance(module, nn.Linear)]
    sizes = [f"{layer.in_features}→{layer.out_features}" for layer in linears]
    seen = {"what it makes": "a module", "its linear layers, from → to,": ", ".join(sizes) or "none"}
    seen["layers with a bias"] = sum(layer.bias is not None for layer in linears)
    try:
        values = q_network(obs)
    except NotImplementedError:  # not the exercise's own: torch raises it for a list of modules
        return seen | {"what it computes": "nothing: `self.layers` is a list of layers, not an `nn.Sequential`"}
    seen["the shape of the values for 7 observations"] = tuple(values.shape)
    if values.requires_grad:
        values.square().sum().backward()
    seen["parameters that a gradient reaches"] = sum(
        parameter.grad is not None and bool(parameter.grad.any()) for parameter in q_network.parameters()
    )
    with torch.no_grad():
        found = [way for way, made in WAYS.items() if _same(values, computed(linears, obs, *made))]
    seen["what it computes"] = found[0] if found else "something else"
    seen["observations with one number too many"] = _refusal(q_network, obs_size + 1)
    return seen


def _same(values, others):
    return values.shape == others.shape and torch.allclose(values, others, atol=1e-6)


def _refusal(q_network, size):
    try:
        q_network(torch.zeros(2, size))
    except ValueError:
        return "are refused with a ValueError"
    except Exception as error:
        return f"end in a {type(error).__name__}"
    return "are taken"


def expected_network(case):
    """What a right module shows."""
    obs_size, num_actions, *hidden = case.args.values()
    sizes = (obs_size, *(hidden[0] if hidden else (128, 128)), num_actions)
    return {
        "what it makes": "a module",
        "its linear layers, from → to,": ", ".join(f"{a}→{b}" for a, b in pairwise(sizes)),
        "layers with a bias": len(sizes) - 1,
        "what it computes": RIGHT_WAY,
        "the shape of the values for 7 observations": (7, num_actions),
        "parameters that a gradient reaches": 2 * (len(sizes) - 1),
        "observations with one number too many": "are refused with a ValueError",
    }
