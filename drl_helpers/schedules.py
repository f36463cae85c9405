"""The schedule of chapter 02: how far exploration has come down."""


def epsilon_schedule(step, epsilon_start, epsilon_end, decay_steps):
    """ε at a step, as a float: linear from start to end, then constant.

    Args:
        step: an integer ≥ 0; at step 0 the value is epsilon_start.
        epsilon_start, epsilon_end: in [0, 1], the first at least as large as the second.
        decay_steps: an integer ≥ 1; from this step on the value is epsilon_end.
    """
    share = min(step / decay_steps, 1.0)
    return epsilon_start + share * (epsilon_end - epsilon_start)
