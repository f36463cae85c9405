"""Exercise 6.5 of chapter 06: in which row's share of the total a mass lies."""

import numpy as np

from drl_helpers.exercises.chapter06_tree import EIGHT, sum_tree
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "06_better_dqn"


def find_by_rows(nodes, masses):
    rows = []
    for mass in masses:
        node = 1
        while node < len(nodes) // 2:
            node = 2 * node
            if mass >= nodes[node] and nodes[node + 1] > 0:
                mass = mass - nodes[node]
                node = node + 1
        rows.append(node - len(nodes) // 2)
    return np.array(rows)


def find_by_cumulative_sums(nodes, masses):
    return np.searchsorted(np.cumsum(nodes[len(nodes) // 2 :]), masses, side="right")


def find_recursive(nodes, masses):
    def descend(mass, node):
        if 2 * node >= len(nodes):
            return node - len(nodes) // 2
        left, right = nodes[2 * node], nodes[2 * node + 1]
        return descend(mass, 2 * node) if mass < left or right <= 0 else descend(mass - left, 2 * node + 1)

    return np.array([descend(mass, 1) for mass in masses])


def find_with_where(nodes, masses):
    node, half = np.full(masses.shape, 1), len(nodes) // 2
    while node[0] < half:
        left, right = nodes[2 * node], nodes[2 * node + 1]
        stays = (masses < left) | (right == 0)
        masses = np.where(stays, masses, masses - left)
        node = np.where(stays, 2 * node, 2 * node + 1)
    return node - half


def make_find(
    levels=lambda nodes: len(nodes).bit_length() - 2,
    compared=lambda nodes, node: nodes[node],
    goes_right=lambda mass, left, right: (mass >= left) & (right > 0),
    rest=lambda mass, left, right: mass - left * right,
    child=lambda node, right: node + right,
    row=lambda nodes, node, masses: node - len(nodes) // 2,
    finish=lambda rows: rows,
):
    """An answer with one part exchanged."""

    def attempt(nodes, masses):
        node, mass = np.ones(len(masses), np.int64), masses.copy()
        for _ in range(levels(nodes)):
            node = 2 * node
            left = compared(nodes, node)
            right = goes_right(mass, left, nodes[node + 1])
            mass = rest(mass, left, right)
            node = child(node, right)
        return finish(row(nodes, node, masses))

    return attempt


def _in_place(nodes, masses):
    node = np.ones(len(masses), np.int64)
    for _ in range(len(nodes).bit_length() - 2):
        node *= 2
        left = nodes[node]
        right = (masses >= left) & (nodes[node + 1] > 0)
        masses -= left * right
        node += right
    return node - len(nodes) // 2


def _together(nodes, masses):
    """All masses follow the first one."""
    return np.full(len(masses), make_find()(nodes, masses[:1])[0])


FIND_MISTAKES = (
    Mistake(
        "mass-not-reduced",
        "The mass is not reduced when it goes right: below, the shares begin at 0 again, so take the left child's sum "
        "away.",
        make_find(rest=lambda mass, left, right: mass),
    ),
    Mistake(
        "reduced-on-the-left",
        "The mass is reduced when it goes *left*: take the left child's sum away only where it goes right.",
        make_find(rest=lambda mass, left, right: mass - left * ~right),
    ),
    Mistake(
        "always-reduced",
        "The mass is reduced at every level: take the left child's sum away only where it goes right.",
        make_find(rest=lambda mass, left, right: mass - left),
    ),
    Mistake(
        "increased",
        "The mass grows when it goes right: take the left child's sum away.",
        make_find(rest=lambda mass, left, right: mass + left * right),
    ),
    Mistake(
        "swapped",
        "Left and right are swapped: a mass below the left child's sum goes left.",
        make_find(goes_right=lambda mass, left, right: ~((mass >= left) & (right > 0))),
    ),
    Mistake(
        "mirrored",
        "It reads the tree from the right: the shares of the rows come in their order, row 0 first.",
        make_find(
            compared=lambda nodes, node: nodes[node + 1],
            child=lambda node, right: node + ~right,
            goes_right=lambda mass, left, right: mass >= left,
        ),
    ),
    Mistake(
        "border",
        "A mass equal to the left child's sum goes left. Row i owns the stretch that *begins* at the sum before it: "
        "`>=`. Else a row of priority 0 could be drawn.",
        make_find(goes_right=lambda mass, left, right: (mass > left) & (right > 0)),
    ),
    Mistake(
        "rounding",
        "It went where nothing lies: rounding in the sums can leave a mass as large as all that is left of it, and it "
        "ends in a row of priority 0, whose weight will be infinite. Go right only where the right child's sum is "
        "above 0 too.",
        make_find(goes_right=lambda mass, left, right: mass >= left),
    ),
    Mistake(
        "rounding-at-the-leaf",
        "It looks at the end only whether it came to a row of priority 0, and takes the row before. Rounding can lead "
        "astray at any level, and the row before may be empty too: ask at *each* level whether anything lies on the "
        "right.",
        make_find(
            goes_right=lambda mass, left, right: mass >= left,
            row=lambda nodes, node, masses: node - len(nodes) // 2 - (nodes[node] == 0),
        ),
    ),
    Mistake(
        "small-sums",
        "It takes a small sum for nothing. Priorities may be of any size: go right where *more than 0* lies there.",
        make_find(goes_right=lambda mass, left, right: (mass >= left) & (right > 0.01)),
    ),
    Mistake(
        "or",
        "It goes right wherever something lies there: both conditions must hold, `&` and not `|`.",
        make_find(goes_right=lambda mass, left, right: (mass >= left) | (right > 0)),
    ),
    Mistake(
        "compares-with-the-right",
        "It compares with the right child's sum: the left child lies first.",
        make_find(compared=lambda nodes, node: nodes[node + 1]),
    ),
    Mistake(
        "compares-with-the-parent",
        "It compares with the parent's sum, and so never goes right: compare with the left child's.",
        make_find(compared=lambda nodes, node: nodes[node // 2]),
    ),
    Mistake(
        "offset-missing",
        "It returns the numbers of nodes: subtract `len(nodes) // 2`, the node of row 0.",
        make_find(row=lambda nodes, node, masses: node),
    ),
    Mistake(
        "offset-one-off",
        "The rows are one too high: the leaf of row 0 is node `len(nodes) // 2`.",
        make_find(row=lambda nodes, node, masses: node - len(nodes) // 2 + 1),
    ),
    Mistake(
        "offset-one-off-below",
        "The rows are one too low: the leaf of row 0 is node `len(nodes) // 2`.",
        make_find(row=lambda nodes, node, masses: node - len(nodes) // 2 - 1),
    ),
    Mistake(
        "one-level-too-few",
        "It stops one level above the leaves.",
        make_find(levels=lambda nodes: max(len(nodes).bit_length() - 3, 0)),
    ),
    Mistake(
        "one-level-too-many",
        "It goes one level too far, past the leaves: from node 1 they are `len(nodes).bit_length() - 2` levels away.",
        make_find(levels=lambda nodes: len(nodes).bit_length() - 1),
    ),
    Mistake(
        "never-descends",
        "The node never moves on: from node i one goes to 2i or to 2i + 1.",
        make_find(levels=lambda nodes: 0),
    ),
    Mistake(
        "always-left",
        "It always goes left.",
        make_find(goes_right=lambda mass, left, right: np.zeros(len(mass), bool)),
    ),
    Mistake("all-together", "All masses follow the first one: each finds its own way.", _together),
    Mistake(
        "priorities-searched",
        "It looks the mass up among the priorities themselves, which are in no order. A row owns the stretch that "
        "begins at the *sum* of all priorities before it: go down the tree of sums.",
        lambda nodes, masses: np.searchsorted(nodes[len(nodes) // 2 :], masses),
    ),
    Mistake(
        "first-only",
        "It returns the row of the first mass only: one for each is wanted.",
        lambda nodes, masses: make_find()(nodes, masses)[0],
    ),
    Mistake(
        "priorities-returned",
        "It returns the priorities of the rows; their numbers are wanted.",
        make_find(row=lambda nodes, node, masses: nodes[node]),
    ),
    Mistake(
        "floats",
        "The rows are floats, and cannot be used as an index: keep the nodes integers, `//` and not `/`.",
        make_find(finish=lambda rows: rows.astype(float)),
    ),
    Mistake(
        "changes-masses",
        "It changes `masses` in place (`-=`), which belong to whoever calls it: work on a copy.",
        _in_place,
    ),
)

HAIR = 2.0**-52  # the distance from 1 to the next float


def _case(label, priorities, masses):
    return Case(label, {"nodes": sum_tree(priorities), "masses": np.array(masses, float)})


EQUIVALENT = {
    "for _ in range(len(nodes).bit_length() - 2): → for _ in range((len(nodes) + 1).bit_length() - 2):": (
        "one more than a power of two has as many bits"
    ),
    "return node - len(nodes) // 2 → return node - (len(nodes) + 1) // 2": "the number of nodes is even",
}

FIND = Exercise(
    id="tree-find",
    name="tree_find",
    notebook=NOTEBOOK,
    number="6.5",
    cases=(
        _case("Five masses among eight rows", EIGHT, [3.25, 31.0, 0.5, 14.75, 9.0]),
        _case("Masses on the borders", EIGHT, [0.0, 3.0, 4.0, 8.0, 9.5, 14.5, 23.5, 25.5]),
        _case("Rows of priority 0", [0.0, 2.0, 0.0, 3.0], [0.0, 1.5, 2.0, 4.5]),
        _case("Two rows", [1.0, 3.0], [3.5, 0.75, 1.0]),
        _case("One row", [4.0], [1.5, 0.25]),
        _case("Small priorities", [1.0, 0.004, 2.0, 0.0005], [1.002, 3.0042, 0.25]),
        _case(
            "A sum that was rounded up, rows of priority 0 behind", [0.5 * HAIR, HAIR, 1 + 2 * HAIR, 0], [1 + 3 * HAIR]
        ),
        _case(
            "The same, and three rows of priority 0 behind",
            [0.5 * HAIR, 0, HAIR, 0, 1 + 2 * HAIR, 0, 0, 0],
            [1 + 3 * HAIR],
        ),
    ),
    right=(find_by_rows, find_by_cumulative_sums, find_recursive, find_with_where, make_find()),
    mistakes=FIND_MISTAKES,
    equivalent=EQUIVALENT,
)

EXERCISES = (FIND,)
