"""A stand-in for a notebook and its kernel, and three answers to exercise 1.4."""

import contextlib
import io
import re

import numpy as np

from drl_helpers.exercises import engine

RIGHT = """
def q_learning_update(q_table, obs, action, reward, next_obs, terminated, learning_rate, gamma):
    td_error = reward + gamma * q_table[next_obs].max() * (not terminated) - q_table[obs, action]
    q_table[obs, action] += learning_rate * td_error
    return td_error
"""
STUB = RIGHT.split(":\n")[0] + ":\n    raise NotImplementedError\n"
WRONG = RIGHT.replace("q_table[next_obs].max()", "q_table[obs].max()")


class Notebook:
    """A stand-in for a kernel: cells share a namespace; what they display is kept as text."""

    def __init__(self):
        self.names = {"np": np, "check": engine.check, "In": []}
        self.shown = ""

    def run(self, source):
        """Run a cell. A syntax error in it ends the cell, as in a notebook."""
        self.names["In"].append(source)
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(source, f"cell-{len(self.names['In'])}", "exec"), self.names)
        except SyntaxError:
            return
        finally:
            self.shown = out.getvalue()

    def check(self, exercise_id="q-update", name="q_learning_update", **options):
        """Run a check cell; returns the card as text."""
        extra = "".join(f", {key}={value!r}" for key, value in options.items())
        self.run(f'{name} = check("{exercise_id}"{extra})')
        return self.shown

    def matches(self, words):
        """Whether the last card says these words (alternatives separated by |, .* for anything)."""
        escaped = (re.escape(part).replace(r"\.\*", ".*") for part in words.split("|"))
        return re.search("|".join(escaped), self.shown, re.S) is not None
