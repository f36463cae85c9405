"""Under nbgrader: before each cell put `check` and its engine back, whatever a submission did to them.

This stops redefinitions, patches and edited exercises. Code that runs in the same process can in
the end do anything, so run submissions in a container, as nbgrader advises.
"""

import inspect
import os
import sys

from IPython import get_ipython

from drl_helpers.exercises.engine import check
from drl_helpers.exercises.sandbox import is_watched, library_state
from drl_helpers.exercises.spec import exercises


def guard() -> None:
    """Begin to guard this kernel; does nothing outside of nbgrader's runs."""
    shell, execution = get_ipython(), os.environ.get("NBGRADER_EXECUTION")
    if shell is None or not execution:
        return
    specifications = [(exercise, dict(vars(exercise))) for exercise in exercises().values()]
    state = [
        (home, name, value)
        for home, names in library_state().items()
        for name, value in names.items()
        if is_watched(name, value)
    ]
    own = [v for *_, v in state if inspect.isfunction(v) and v.__module__.startswith("drl_helpers.")]
    codes = [(function, function.__code__, function.__defaults__, function.__kwdefaults__) for function in own]
    modules = {name: module for name, module in sys.modules.items() if name.startswith("drl_helpers")}

    # Everything it needs is bound here, so that no module's globals can mislead it.
    def restore(info=None, environ=os.environ, names=shell.user_ns, loaded=sys.modules):
        for function, code, defaults, keywords in codes:
            function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords
        for home, name, value in state:
            if vars(home).get(name) is not value:
                setattr(home, name, value)
        for exercise, attributes in specifications:
            vars(exercise).clear()
            vars(exercise).update(attributes)
        loaded.update(modules)
        environ["NBGRADER_EXECUTION"] = execution
        names["check"] = check

    shell.events.register("pre_run_cell", restore)
