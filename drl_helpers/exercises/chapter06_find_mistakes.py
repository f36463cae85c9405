"""What goes wrong in exercise 6.5 of chapter 06."""

import numpy as np

from drl_helpers.exercises.spec import Mistake


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
