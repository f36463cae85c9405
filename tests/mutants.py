"""Mutants of a reference answer: the same code with one small thing wrong."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div],
    ast.Mod: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
TWINS = [
    ("min", "max"),
    ("argmin", "argmax"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("mean", "sum"),
    ("zeros", "ones"),
    ("terminated", "truncated"),
    ("obs", "next_obs"),
    ("action", "next_action"),
    ("q_network", "target_network"),
]
OFF_BY_ONE = {"range", "integers", "len", "arange"}


@dataclass(frozen=True)
class Mutant:
    """One mutant: what was changed, as "before → after", and the whole source."""

    change: str
    source: str


def mutants(source: str, name: str) -> list[Mutant]:
    """All mutants of the function or class `name` in a cell's `source`, inside its solution regions.

    Raises:
        ValueError: the cell has no solution region, or no definition of that name.
    """
    lines = source.splitlines()
    begins = [i + 1 for i, line in enumerate(lines) if "### BEGIN SOLUTION" in line]
    ends = [i + 1 for i, line in enumerate(lines) if "### END SOLUTION" in line]
    tree = ast.parse(source)
    if not begins or not any(getattr(node, "name", None) == name for node in tree.body):
        raise ValueError(f"no solution region, or no definition of {name}, in:\n{source}")
    nodes = list(ast.walk(tree))
    for index, node in enumerate(nodes):
        node.index = index
    found = {}
    for statement in (n for n in nodes if isinstance(n, ast.stmt)):
        if any(b < statement.lineno < e for b, e in zip(begins, ends, strict=True)):
            for node in _own_nodes(statement):
                for new in _variants(node, nodes):
                    changed = _replace(tree, node.index, new)
                    found.setdefault(changed, _describe(changed, tree))
    original = ast.unparse(tree)
    return [Mutant(change, text) for text, change in found.items() if text != original and _compiles(text)]


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The statement and the expressions in it, without the statements nested in it."""
    yield statement
    waiting = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def _variants(node: ast.AST, nodes: list) -> Iterator:
    """What may stand in the place of `node`: nodes, or lists of statements."""
    yield from _statement_variants(node)
    names = {n.id for n in nodes if isinstance(n, ast.Name)} | {n.arg for n in nodes if isinstance(n, ast.arg)}
    if isinstance(node, ast.BinOp):
        yield from (_with(node, op=new()) for new in OPERATORS.get(type(node.op), []))
    elif isinstance(node, ast.Compare):
        yield from (_with(node, ops=[new()]) for new in COMPARISONS.get(type(node.ops[0]), []))
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif isinstance(node, ast.Name | ast.Attribute):
        yield from _name_variants(node, names)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        yield _with(node, slice=_with(node.slice, elts=node.slice.elts[::-1]))
    elif isinstance(node, ast.Call):
        yield from _call_variants(node)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, ifs=[])


def _statement_variants(node: ast.AST) -> Iterator:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.For | ast.While | ast.Break):
        yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)
        yield from (_with(node, op=new()) for new in OPERATORS.get(type(node.op), []))
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(None)
    if isinstance(node, ast.If | ast.While):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        if isinstance(node, ast.If):
            yield from (_with(node, test=ast.Constant(True)), _with(node, test=ast.Constant(False)))
    if isinstance(node, ast.With) and "no_grad" in ast.unparse(node.items[0]):
        yield node.body


def _name_variants(node: ast.Name | ast.Attribute, names: set[str]) -> Iterator:
    field = "id" if isinstance(node, ast.Name) else "attr"
    text = getattr(node, field)
    for pair in TWINS:
        if text in pair:
            other = pair[1 - pair.index(text)]
            if other in names or field == "attr" or other in ("min", "max", "any", "all", "sum"):
                yield _with(node, **{field: other})


def _call_variants(node: ast.Call) -> Iterator:
    for left in range(len(node.args) - 1):
        swapped = list(node.args)
        swapped[left : left + 2] = swapped[left : left + 2][::-1]
        yield _with(node, args=swapped)
    for index, keyword in enumerate(node.keywords):
        if keyword.arg != "dtype":
            yield _with(node, keywords=[k for i, k in enumerate(node.keywords) if i != index])
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    undoes = called in ("detach", "clone", "copy", "abs", "mean", "sum", "squeeze", "unsqueeze") and not node.args
    if undoes and isinstance(node.func, ast.Attribute):
        yield node.func.value
    if called in OFF_BY_ONE and node.args:
        for op in (ast.Add(), ast.Sub()):
            target = node if called == "len" else node.args[-1]
            shifted = ast.BinOp(target, op, ast.Constant(1))
            yield shifted if called == "len" else _with(node, args=[*node.args[:-1], shifted])


def _with(node: ast.AST, **changes) -> ast.AST:
    new = copy.copy(node)
    for field, value in changes.items():
        setattr(new, field, value)
    return new


class _Replace(ast.NodeTransformer):
    def __init__(self, index, new):
        self.index, self.new = index, new

    def visit(self, node):
        return self.new if getattr(node, "index", None) == self.index else self.generic_visit(node)


def _replace(tree: ast.Module, index: int, new) -> str:
    changed = _Replace(index, copy.deepcopy(new)).visit(copy.deepcopy(tree))
    return ast.unparse(ast.fix_missing_locations(changed))


def _describe(changed: str, tree: ast.Module) -> str:
    """The lines that differ, "before → after"."""
    old, new = ast.unparse(tree).splitlines(), changed.splitlines()
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    before = "; ".join(line.strip() for line in old[head : len(old) - tail])
    after = "; ".join(line.strip() for line in new[head : len(new) - tail])
    return f"{before} → {after}"


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
