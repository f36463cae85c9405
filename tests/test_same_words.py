"""What drl_helpers offers of earlier chapters is what learners built there, word for word."""

import ast

import pytest
from conftest import ROOT

from drl_helpers.exercises.reference import SOLUTIONS, code_cells

BUILT_IN = {
    "schedules": "02_exploration",
    "networks": "03_deep_q_network",
    "replay": "04_replay_memory",
    "dqn": "05_target_networks",
    "dqn_run": "05_target_networks",
    "n_step": "06_better_dqn",
    "prioritised": "06_better_dqn",
    "better_dqn": "06_better_dqn",
    "policy": "08_policy_gradient",
    "reinforce": "08_policy_gradient",
    "reinforce_run": "08_policy_gradient",
    "rollout": "09_actor_critic",
    "a2c": "09_actor_critic",
    "ppo": "10_ppo",
    "ppo_run": "10_ppo",
}


def definitions(source):
    """Functions, classes and CAPITAL constants of a source: name → its text."""
    found = {}
    for node in ast.parse(source).body:
        names = [getattr(node, "name", None)]
        if isinstance(node, ast.Assign):
            names = [t.id for t in node.targets if isinstance(t, ast.Name) and t.id.isupper()]
        lines = source.splitlines()[min([node.lineno, *(d.lineno for d in decorators(node))]) - 1 : node.end_lineno]
        found |= {name: "\n".join(lines) for name in names if name}
    return found


def decorators(node):
    return getattr(node, "decorator_list", [])


def without_markers(source):
    return "\n".join(line for line in source.splitlines() if "### BEGIN" not in line and "### END" not in line)


@pytest.mark.parametrize("module", BUILT_IN)
def test_module_is_the_notebook_word_for_word(module):
    taught = {}
    for cell in code_cells(SOLUTIONS / f"{BUILT_IN[module]}.ipynb"):
        taught |= definitions(without_markers(cell["source"]))
    offered = definitions((ROOT / "drl_helpers" / f"{module}.py").read_text(encoding="utf-8"))
    assert offered
    for name, text in offered.items():
        assert taught.get(name) == text, f"drl_helpers/{module}.py: {name} differs from solutions/{BUILT_IN[module]}"


def test_no_chapter_imports_what_it_teaches():
    for module, notebook in BUILT_IN.items():
        for cell in code_cells(SOLUTIONS / f"{notebook}.ipynb"):
            assert f"drl_helpers.{module} import" not in cell["source"], f"{notebook} imports {module}"
