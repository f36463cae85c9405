"""README, environment.yml, pyproject.toml and constraints.txt say the same; links lead somewhere."""

import json
import re
import tomllib

import pytest
from conftest import ROOT

from drl_helpers.course import CHAPTERS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIP_ONLY = {"box2d"}  # conda-forge has it under another name, and without the metadata that pip would see
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "GLOSSARY.md")]


def parse(requirement):
    """("gymnasium", {"toy-text"}, "1.1") from "gymnasium[toy-text]>=1.1"; a marker is left out."""
    name, extras, least = re.fullmatch(r"([\w.-]+)(?:\[([\w,-]+)\])?(?:>=([\d.]+))?(?:;.*)?", requirement).groups()
    return name, set((extras or "").split(",")) - {""}, least


def normal(name):
    return name.lower().replace("_", "-")


def pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {normal(k): v for k, v in (line.split("==") for line in lines if line and line[0] != "#")}


def version(text):
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def test_conda_environment_is_pyproject():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^  - ([\w.-]+)>=([\d.]+)", text, re.M))
    for requirement in PROJECT["dependencies"]:
        name, _, least = parse(requirement)
        if name in PIP_ONLY:
            assert re.search(rf"- -e \. .*{name}.*pip", text), requirement
        else:
            assert listed.get(CONDA_NAMES.get(name, name)) == least, requirement
    known = {CONDA_NAMES.get(parse(r)[0], parse(r)[0]) for r in PROJECT["dependencies"]}
    assert set(listed) - known == {"python"}
    assert "      - -e . " in text, "pip must install the course itself"
    assert listed["python"] == PROJECT["requires-python"].removeprefix(">=")
    lines = re.findall(r"^  - [\w.-]+.*$", text, re.M)
    assert all("#" in line for line in lines if line != "  - pip:"), "a reason behind each line"
    assert "conda-forge" in text and "defaults" not in text


@pytest.mark.skipif(not pinned(), reason="constraints.txt is empty: this is the weekly run with the newest packages")
def test_every_requirement_is_pinned_at_a_version_that_fits():
    everything = PROJECT["dependencies"] + [r for extra in PROJECT["optional-dependencies"].values() for r in extra]
    for requirement in everything:
        name, _, least = parse(requirement)
        if name != PROJECT["name"]:
            assert version(pinned()[normal(name)]) >= version(least), requirement
    assert "+" not in "".join(pinned().values()), "a build tag would refuse other builds of PyTorch"


def test_readme_names_what_there_is():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first_screen = text[:1500]
    assert "make lab" in first_screen and "make test" in first_screen
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for document in DOCUMENTS:
        for target in re.findall(r"(?:^|`|')make ([a-z]+)", document.read_text(encoding="utf-8"), re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{document.name}: make {target}"
    least = PROJECT["requires-python"].removeprefix(">=")
    assert f"Python {least} to 3.14" in text


def test_readme_table_is_the_course():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for chapter in (chapter for chapter in CHAPTERS if chapter.exists):
        level = "●" * chapter.level + "○" * (5 - chapter.level)
        row = rf"\| \[{chapter.number} {chapter.title}\]\(chapters/{chapter.slug}\.ipynb\) \|[^|]+\| "
        assert re.search(row + rf"{chapter.minutes} \| {level} \| {chapter.seconds:g} s \|", text), chapter.slug
    assert {c.slug for c in CHAPTERS if c.exists} == {path.stem for path in (ROOT / "solutions").glob("*.ipynb")}


def headings(path):
    """The anchors of a Markdown file's headings, as GitHub and JupyterLab make them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def texts():
    """All documents, and the prose of all notebooks cell by cell: (path, text)."""
    found = [(document, document.read_text(encoding="utf-8")) for document in DOCUMENTS]
    for notebook in sorted((ROOT / "solutions").glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        found += [(notebook, "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]
    return found


TEXTS = texts()


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_links_lead_somewhere(number):
    document, text = TEXTS[number]
    for alt, link in re.findall(r"\[([^\]]*)\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name}: {link}"
        if anchor:
            assert anchor in headings(target), f"{document.name}: {link}"
        if link.endswith((".webp", ".png", ".svg")):
            assert len(alt) > 20, f"{document.name}: {link} needs alt text"


def test_every_figure_has_alt_text():
    for notebook in sorted((ROOT / "solutions").glob("*.ipynb")):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                assert "image/png" not in data, f"{notebook.name}, {cell['id']}: show figures with plots.show"
                for image in re.findall(r"<img [^>]*>", "".join(data.get("text/html", ""))):
                    assert re.search(r'alt="[^"]{10,}"', image), f"{notebook.name}, {cell['id']}"
