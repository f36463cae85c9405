"""What the exercises of chapter 07 on pictures have in common."""

import numpy as np

from drl_helpers.exercises.spec import call

NOTEBOOK = "07_pong"


def observe_pictures(attempt, case):
    """What comes back, and its dtype: pictures are uint8, or they take several times the memory."""
    result = call(attempt, case)["the return value"]
    seen = {"the return value": result}
    if isinstance(result, np.ndarray):
        seen["the dtype of the return value"] = str(result.dtype)
    return seen
