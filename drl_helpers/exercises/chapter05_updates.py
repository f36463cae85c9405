"""Exercise 5.1 of chapter 05: a hard update; and what soft updates share with it."""

import copy

import torch
from torch import nn

from drl_helpers.exercises.case_network import CaseNetwork, changed, weights
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "05_target_networks"


def observe_update(attempt, case):
    """Two updates in a row, with a change of the online network between them; and who else changed."""
    args, seen = case.fresh_args(), {}
    target_network, q_network = args["target_network"], args["q_network"]
    for when in ("first", "second"):
        before = weights(q_network)
        returned = attempt(*args.values())
        seen[f"`q_network` after the {when} update"] = changed(before, q_network)
        after = seen[f"`target_network` after the {when} update"] = weights(target_network)
        with torch.no_grad():
            for parameter in nn.Module.parameters(q_network):
                parameter.mul_(-0.5).add_(1.0)
        own = changed(after, target_network) == "unchanged"
        seen[f"the memory of `target_network` after the {when} update"] = "its own" if own else "that of `q_network`"
    seen["_returned"] = type(returned).__name__
    return seen


def hard_load(target_network, q_network):
    target_network.load_state_dict(q_network.state_dict())


def hard_copy(target_network, q_network):
    with torch.no_grad():
        for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
            target.copy_(online)


def hard_data(target_network, q_network):
    online = dict(q_network.named_parameters())
    for name, target in target_network.named_parameters():
        target.data = online[name].data.clone()
    return target_network


def hard_state_dict(target_network, q_network):
    theirs = q_network.state_dict()
    for name, value in target_network.state_dict().items():
        value[...] = theirs[name]


def hard_new_layers(target_network, q_network):
    target_network.layers = copy.deepcopy(q_network.layers)


def make_update(mix=lambda target, online, tau: target + tau * (online - target), which="", onto="target"):
    """An update with one part exchanged; `which` stands in the names of the parameters that it changes."""

    def attempt(target_network, q_network, tau=1.0):
        online = dict(q_network.named_parameters())
        for name, target in target_network.named_parameters():
            last = name.startswith(f"layers.{len(target_network.layers) - 1}.")
            if {"first": name.startswith("layers.0."), "last": last}.get(which, which in name):
                new, old = mix(target.data, online[name].data, tau), target.data.clone()
                if onto in ("target", "both"):
                    target.data.copy_(new)
                if onto in ("online", "both"):
                    online[name].data.copy_(mix(online[name].data, old, tau))

    return attempt


def shares(target_network, q_network, tau=1.0):
    make_update()(target_network, q_network, tau)
    for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
        target.data = online.data


def _in_place(target_network, q_network, tau=1.0):
    for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
        target.copy_(tau * online + (1 - tau) * target)


def _a_new_network(target_network, q_network, tau=1.0):
    target_network = copy.deepcopy(target_network)
    make_update()(target_network, q_network, tau)
    return target_network


IN_PLACE = Mistake(
    "recorded",
    "PyTorch is recording this for a gradient, and then refuses to change a parameter in place. Nothing is to be "
    "learned here: work under `torch.no_grad()`.",
    _in_place,
)
NOTHING = Mistake(
    "nothing-changes",
    "`target_network` has not changed. `name = …` only gives the *name* another meaning inside the function; to change "
    "the tensor itself takes a method that ends in an underscore, such as `copy_` or `lerp_`, or `load_state_dict`.",
    lambda target_network, q_network, tau=1.0: None,
)
NEW = Mistake(
    "a-new-network",
    "It makes a new network and returns it; the one that was passed is still the old one. Change that one, in place.",
    _a_new_network,
)


def partial_mistakes():
    """Updates that leave some of the parameters out, and one that goes the wrong way."""
    forgets = {
        "weight": "The biases are left out: they belong to the network as the weights do. `parameters()` lists both.",
        "bias": "Only the biases are updated: `parameters()` lists weights and biases.",
        "first": "Only the first layer is updated: go through all `parameters()`.",
        "last": "Only the last layer is updated: go through all `parameters()`.",
    }
    return (
        *(Mistake(f"only-{part}", why, make_update(which=part)) for part, why in forgets.items()),
        Mistake(
            "wrong-way",
            "It changes `q_network`, which learns by itself: `target_network` follows it, never the other way round.",
            make_update(onto="online"),
        ),
        Mistake(
            "both",
            "It changes both networks: `q_network` must stay as it is.",
            make_update(onto="both"),
        ),
    )


HARD_MISTAKES = (
    NOTHING,
    NEW,
    IN_PLACE,
    *partial_mistakes(),
    Mistake(
        "shared",
        "Now both networks use the *same* tensors: whenever the optimizer changes `q_network`, the target changes with "
        "it, and nothing is frozen. Copy the numbers (`load_state_dict`, `copy_`).",
        shares,
    ),
    Mistake(
        "average",
        "It takes the average of both networks: a hard update copies `q_network` as it is.",
        make_update(lambda target, online, tau: (target + online) / 2),
    ),
    Mistake(
        "adds",
        "It adds the weights to those that are there: they are to be replaced.",
        make_update(lambda target, online, tau: target + online),
    ),
    Mistake(
        "the-network-itself",
        "`load_state_dict` wants a dict of tensors, not a network: give it `q_network.state_dict()`.",
        lambda target_network, q_network: target_network.load_state_dict(q_network),
    ),
    Mistake(
        "parameters-for-a-dict",
        "`load_state_dict` wants a dict of tensors by name; `parameters()` has no names. Give it "
        "`q_network.state_dict()`.",
        lambda target_network, q_network: target_network.load_state_dict(q_network.parameters()),
    ),
    Mistake(
        "no-parentheses",
        "The parentheses of `state_dict()` are missing, so it passes on the method itself.",
        lambda target_network, q_network: target_network.load_state_dict(q_network.state_dict),
    ),
)


def two_networks(seed, *sizes):
    return {"target_network": CaseNetwork(seed, *sizes), "q_network": CaseNetwork(seed + 1, *sizes)}


HARD = Exercise(
    id="hard-update",
    name="hard_update",
    notebook=NOTEBOOK,
    number="5.1",
    observe=observe_update,
    cases=(
        Case("Two networks with one hidden layer", two_networks(1, 2, 3, (4,))),
        Case("Two hidden layers", two_networks(3, 3, 2, (5, 4))),
        Case("Linear networks", two_networks(5, 4, 2, ())),
    ),
    right=(hard_load, hard_copy, hard_data, hard_state_dict, hard_new_layers),
    mistakes=HARD_MISTAKES,
)

EXERCISES = (HARD,)
