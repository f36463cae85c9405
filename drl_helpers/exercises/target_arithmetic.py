"""What goes wrong in a target for a batch once the next values are found: in mask, discount and sum."""

import torch

from drl_helpers.exercises.spec import Mistake


def arithmetic_mistakes(make, flag="terminated"):
    """Mistakes that any exercise on targets shares.

    Args:
        make: `make(mask=...)` or `make(combine=...)` gives an attempt with that part exchanged; the parts
            are `mask(terminated)` and `combine(rewards, gamma, mask, next_values)`.
        flag: what the learner calls the flags.
    """
    return (
        Mistake(
            "bootstraps-past-the-end",
            "It adds the value of s' in rows that have `terminated`. Nothing follows the end, and a network is never "
            f"zero there by itself: multiply by `~{flag}`.",
            make(mask=lambda t: torch.ones_like(t, dtype=torch.float32)),
        ),
        Mistake(
            "inverted-mask",
            "The mask is the wrong way round: s' counts where the episode has *not* terminated.",
            make(mask=lambda t: t.float()),
        ),
        Mistake(
            "mask-covers-the-reward",
            "In terminated rows the reward is lost too: the mask covers the next value alone. Check the brackets.",
            make(combine=lambda r, g, m, v: m * (r + g * v)),
        ),
        Mistake("no-gamma", "The discount γ is missing.", make(combine=lambda r, g, m, v: r + m * v)),
        Mistake(
            "gamma-everywhere",
            "The reward is discounted too: γ stands before the next value only.",
            make(combine=lambda r, g, m, v: g * (r + m * v)),
        ),
        Mistake("no-reward", "The reward is missing.", make(combine=lambda r, g, m, v: g * m * v)),
        Mistake("no-bootstrap", "The value of s' is missing.", make(combine=lambda r, g, m, v: r.clone())),
    )
