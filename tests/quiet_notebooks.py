"""A plugin for the nbval runs: a cell that writes to stderr, a warning for instance, fails as one that raises does."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Look at what a notebook's cell has put out, once nbval has run it."""
    yield
    outputs = getattr(item, "test_outputs", None) or []
    said = "".join(output["text"] for output in outputs if output.get("name") == "stderr")
    assert said == "", f"{item.nodeid} writes to stderr:\n{said}"
