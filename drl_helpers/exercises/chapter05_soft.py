"""Exercise 5.2 of chapter 05: a soft update."""

import torch

from drl_helpers.exercises.chapter05_updates import (
    IN_PLACE,
    NEW,
    NOTEBOOK,
    NOTHING,
    make_update,
    observe_update,
    partial_mistakes,
    shares,
    two_networks,
)
from drl_helpers.exercises.spec import Case, Exercise, Mistake


def soft_lerp(target_network, q_network, tau):
    with torch.no_grad():
        for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
            target.lerp_(online, tau)


def soft_data(target_network, q_network, tau):
    for target, online in zip(target_network.parameters(), q_network.parameters(), strict=False):
        target.data.copy_(tau * online.data + (1 - tau) * target.data)


def soft_step(target_network, q_network, tau):
    online = dict(q_network.named_parameters())
    for name, target in target_network.named_parameters():
        target.data += tau * (online[name].detach() - target.detach())


@torch.no_grad()
def soft_two_steps(target_network, q_network, tau):
    for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
        target.mul_(1 - tau).add_(online, alpha=tau)


def soft_state_dict(target_network, q_network, tau):
    mine, theirs = target_network.state_dict(), q_network.state_dict()
    target_network.load_state_dict({name: (1 - tau) * mine[name] + tau * theirs[name] for name in mine})


@torch.no_grad()
def _lerp_swapped(target_network, q_network, tau):
    for target, online in zip(target_network.parameters(), q_network.parameters(), strict=True):
        target.lerp_(tau, online)


SOFT_MISTAKES = (
    NOTHING,
    NEW,
    IN_PLACE,
    Mistake(
        "swapped-shares",
        "τ and 1 − τ are swapped: the *online* network has the share τ, and the target keeps 1 − τ of itself.",
        make_update(lambda target, online, tau: tau * target + (1 - tau) * online),
    ),
    Mistake(
        "hard",
        "That is a hard update: τ is missing. Only the share τ of `q_network` goes into the target.",
        make_update(lambda target, online, tau: online),
    ),
    Mistake(
        "no-shrinking",
        "It adds τ·θ, but the target keeps all of itself, and so its weights grow with each update: keep 1 − τ of it.",
        make_update(lambda target, online, tau: target + tau * online),
    ),
    Mistake(
        "no-adding",
        "The target only shrinks: the share τ of `q_network` is missing.",
        make_update(lambda target, online, tau: (1 - tau) * target),
    ),
    Mistake(
        "only-the-share",
        "The target is replaced by τ·θ: what it was is lost. Keep 1 − τ of it.",
        make_update(lambda target, online, tau: tau * online),
    ),
    Mistake(
        "only-the-step",
        "It stores τ·(θ − θ⁻), the *step*, in place of adding it to the target's weights.",
        make_update(lambda target, online, tau: tau * (online - target)),
    ),
    Mistake(
        "wrong-sign",
        "The target moves *away* from `q_network`: the step is τ·(θ − θ⁻), the online weights first.",
        make_update(lambda target, online, tau: target - tau * (online - target)),
    ),
    Mistake(
        "subtracts",
        "The share of `q_network` is subtracted: both shares are added.",
        make_update(lambda target, online, tau: (1 - tau) * target - tau * online),
    ),
    Mistake(
        "shrinks-twice",
        "The target is shrunk twice: either (1 − τ)·θ⁻ + τ·θ, or θ⁻ + τ·(θ − θ⁻); this is a mixture of both.",
        make_update(lambda target, online, tau: (1 - tau) * target + tau * (online - target)),
    ),
    Mistake(
        "full-step",
        "τ is missing from the step, or from one of the two shares: (1 − τ)·θ⁻ + τ·θ.",
        make_update(lambda target, online, tau: (1 - tau) * target + online),
    ),
    Mistake(
        "sum",
        "It adds up both networks' weights: τ is missing altogether.",
        make_update(lambda target, online, tau: target + online),
    ),
    Mistake(
        "average",
        "It takes half of each, whatever τ is.",
        make_update(lambda target, online, tau: (target + online) / 2),
    ),
    Mistake(
        "shared",
        "Now both networks use the *same* tensors: the target changes whenever `q_network` does. Change the numbers in "
        "the target's own tensors (`lerp_`, `copy_`).",
        shares,
    ),
    Mistake(
        "lerp-arguments",
        "The arguments of `lerp_` are swapped: first where to go, then how much of the way: `x.lerp_(end, share)`.",
        _lerp_swapped,
    ),
    *partial_mistakes(),
)

LOOP = "for target, online in zip(target_network.parameters(), q_network.parameters()"

SOFT = Exercise(
    id="soft-update",
    name="soft_update",
    notebook=NOTEBOOK,
    number="5.2",
    observe=observe_update,
    cases=(
        Case("A quarter of the way", two_networks(1, 2, 3, (4,)) | {"tau": 0.25}),
        Case("A small step, two hidden layers", two_networks(3, 3, 2, (5, 4)) | {"tau": 0.01}),
        Case("All the way (τ = 1)", two_networks(5, 4, 2, ()) | {"tau": 1.0}),
        Case("No step at all (τ = 0)", two_networks(7, 2, 3, (4,)) | {"tau": 0.0}),
    ),
    right=(soft_lerp, soft_data, soft_step, soft_two_steps, soft_state_dict),
    mistakes=SOFT_MISTAKES,
    equivalent={
        f"{LOOP}, strict=True): → {LOOP}{strict}):": "two networks of one architecture have equally many parameters; "
        "`strict` only guards against others"
        for strict in ("", ", strict=False")
    },
)

EXERCISES = (SOFT,)
