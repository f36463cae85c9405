"""Exercise 6.4 of chapter 06: new priorities in a sum tree."""

import numpy as np

from drl_helpers.exercises.chapter06_tree_mistakes import (
    UPDATE_MISTAKES,
    make_update,
    update_by_differences,
    update_by_rows,
    update_unique,
    update_whole_tree,
)
from drl_helpers.exercises.spec import ArgumentChanged, Case, Exercise

NOTEBOOK = "06_better_dqn"


def sum_tree(priorities):
    """The nodes of a sum tree over `priorities`, as many as a power of two; node 0 is 0."""
    leaves = len(priorities)
    nodes = np.concatenate([np.zeros(leaves), np.asarray(priorities, dtype=float)])
    for node in range(leaves - 1, 0, -1):
        nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
    return nodes


def observe_update(attempt, case):
    """The tree afterwards: its leaves and its sums."""
    args = case.fresh_args()
    attempt(*args.values())
    for name in ("rows", "priorities"):
        if not np.array_equal(args[name], case.args[name]):
            raise ArgumentChanged(name)
    nodes, leaves = args["nodes"], len(args["nodes"]) // 2
    return {"`nodes[leaves:]` afterwards": nodes[leaves:], "`nodes[:leaves]` afterwards": nodes[:leaves]}


def _case(label, old, rows, priorities):
    new = np.array(priorities, float) if isinstance(priorities, list) else priorities
    return Case(label, {"nodes": sum_tree(old), "rows": np.array(rows, np.int64), "priorities": new})


EIGHT = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0]
UPDATE = Exercise(
    id="tree-update",
    name="tree_update",
    notebook=NOTEBOOK,
    number="6.4",
    observe=observe_update,
    cases=(
        _case("One row of eight", EIGHT, [5], [0.5]),
        _case("Three rows, two of them neighbours", EIGHT, [6, 2, 3], [7.0, 2.5, 8.0]),
        _case("A row that comes twice", EIGHT, [1, 4, 1], [2.25, 3.5, 2.25]),
        _case("One priority for three rows", [2.0, 7.0, 1.0, 4.0], [3, 0, 2], 1.25),
        _case("All four rows of an empty tree", [0.0] * 4, [0, 1, 2, 3], [1.0, 2.0, 3.5, 5.0]),
        _case("Two rows in all", [3.0, 4.0], [0], [1.5]),
        _case("A tree of one row", [3.0], [0], [2.0]),
        _case("No rows", [2.0, 7.0, 1.0, 4.0], [], 1.0),
    ),
    right=(update_by_rows, update_whole_tree, update_unique, update_by_differences, make_update()),
    mistakes=UPDATE_MISTAKES,
    equivalent={
        "node = rows + len(nodes) // 2 → node = rows + (len(nodes) + 1) // 2": "the number of nodes is even",
        "for _ in range(len(nodes).bit_length() - 2): → for _ in range((len(nodes) + 1).bit_length() - 2):": (
            "one more than a power of two has as many bits"
        ),
    },
)

EXERCISES = (UPDATE,)
