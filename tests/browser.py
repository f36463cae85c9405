"""A course opened in a real JupyterLab, in headless Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from conftest import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
ARTIFACTS = ROOT / "test-artifacts"
NOTEBOOK = "window.jupyterapp.shell.currentWidget"


class Server:
    """JupyterLab on a copy of the course, with settings, workspaces and runtime in a fresh folder."""

    def __init__(self, folder: Path):
        self.course = folder / "course"
        ignored = shutil.ignore_patterns(".git", ".venv", "test-artifacts", ".progress*", "*.egg-info")
        shutil.copytree(ROOT, self.course, ignore=ignored)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR")
        places += ("JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
        environment = os.environ | {name: str(folder / name) for name in places}
        environment |= {"PYTHONPATH": str(self.course), "DRL_PROGRESS": str(folder / "progress.json")}
        environment.pop("DRL_CHECK", None)
        self.progress = folder / "progress.json"
        command = [sys.executable, str(self.course / "tools" / "lab.py"), f"--port={self.port}", "--browser=none"]
        command += ["--IdentityProvider.token=t", "--LabApp.expose_app_in_browser=True"]
        self.log = (folder / "server.log").open("w")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self) -> None:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token=t", timeout=2)
                return
            except OSError:
                time.sleep(0.25)
        raise RuntimeError("JupyterLab did not start:\n" + Path(self.log.name).read_text())

    def stop(self) -> None:
        """End the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:  # a machine that busy must not fail a test that has passed
            self.process.kill()
        self.log.close()


class Learner:
    """A person at a notebook: runs, types, clicks, looks."""

    def __init__(self, page, server: Server, notebook: str):
        self.page, self.server, self.name = page, server, Path(notebook).stem
        self.errors, self.outside = [], []
        self._listeners = {"console": self._note_message, "pageerror": self._note_error, "request": self._note_request}
        for event, listener in self._listeners.items():
            page.on(event, listener)
        if page.evaluate("window.jupyterapp === undefined"):
            page.goto(f"http://127.0.0.1:{server.port}/lab/tree/{notebook}?token=t&reset")
        else:
            page.evaluate(f"jupyterapp.commands.execute('docmanager:open', {{path: '{notebook}'}}).then(() => true)")
        self._ready()
        page.evaluate("jupyterapp.shell.collapseLeft()")

    def leave(self) -> None:
        """Shut the kernel down, and when that is done close the notebook; the page stays, for the next one."""
        self.page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown().then(() => true)")
        self.page.evaluate(f"() => {NOTEBOOK}.dispose()")
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)

    def wear(self, theme: str) -> None:
        """Switch to the theme "light" or "dark"; the server remembers it for the notebooks opened next."""
        name = f"JupyterLab {theme.capitalize()}"
        self.page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})")
        is_light = "true" if theme == "light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={is_light}]", state="attached")
        self.page.wait_for_timeout(500)

    def _ready(self) -> None:
        ready = f"window.jupyterapp && {NOTEBOOK} && {NOTEBOOK}.sessionContext?.session?.kernel?.status == 'idle'"
        self.page.wait_for_function(ready, timeout=90_000, polling=250)

    def _note_message(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _note_error(self, error) -> None:
        self.errors.append(str(error))

    def _note_request(self, request) -> None:
        if not request.url.startswith((f"http://127.0.0.1:{self.server.port}/", "data:", "blob:")):
            self.outside.append(request.url)

    def set_budget(self, share: float) -> None:
        """Let the kernel's trainings take this share of their steps from now on."""
        code = f"import os; os.environ['DRL_BUDGET'] = '{share}'"
        kernel = f"{NOTEBOOK}.sessionContext.session.kernel"
        self.page.evaluate(f"{kernel}.requestExecute({{code: `{code}`, silent: true}}).done.then(() => true)")

    def run_all(self, budget: float, seconds: float = 180) -> None:
        """Run ▸ Run All Cells, and wait until the last one has run; trainings take the share `budget`."""
        self.set_budget(budget)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        left = f"""{NOTEBOOK}.content.widgets.filter(c => c.model.type == 'code' && !c.model.executionCount).length == 0
            && {NOTEBOOK}.sessionContext.session.kernel.status == 'idle'"""
        self.page.wait_for_function(left, timeout=seconds * 1000, polling=500)
        self.page.wait_for_timeout(500)

    def cell(self, cell_id: str):
        """The cell with this id, scrolled into view and selected."""
        index = self.page.evaluate(f"{NOTEBOOK}.content.widgets.findIndex(c => c.model.id == '{cell_id}')")
        assert index >= 0, f"no cell {cell_id}"
        self.page.evaluate(f"{NOTEBOOK}.content.activeCellIndex = {index}")
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(index)
        cell.scroll_into_view_if_needed()
        return cell

    def run(self, cell_id: str):
        """Run one cell with Ctrl + Enter; returns it when it has run."""
        cell = self.cell(cell_id)
        before = self.count(cell_id)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell') }")
        idle = f"{NOTEBOOK}.sessionContext.session.kernel.status == 'idle'"
        ran = f"{NOTEBOOK}.content.activeCell.model.executionCount > {before} && {idle}"
        self.page.wait_for_function(ran, timeout=60_000)
        self.page.wait_for_timeout(200)
        return cell

    def focus(self, control):
        """Put the keyboard's focus on a control, and see it stay: JupyterLab moves the focus after a run."""
        for _ in range(40):
            control.focus()
            self.page.wait_for_timeout(250)
            if control.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("JupyterLab took the focus away, again and again")

    def count(self, cell_id: str) -> int:
        """The execution count of a cell, 0 before it has run."""
        return self.page.evaluate(
            f"{NOTEBOOK}.content.widgets.find(c => c.model.id == '{cell_id}').model.executionCount || 0"
        )

    def type_into(self, cell_id: str, source: str) -> None:
        """Replace a cell's text, with the keyboard."""
        self.cell(cell_id).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")

    def fill_in(self, sources: dict[str, str | list[str]]) -> None:
        """Put these sources into the cells with these ids, and run each together with the check after it."""
        texts = {cell_id: "".join(source) for cell_id, source in sources.items()}
        fill = f"""texts => {{
            const notebook = {NOTEBOOK}.content;
            notebook.deselectAll();
            const filled = notebook.widgets.filter(c => c.model.id in texts);
            const check = id => notebook.widgets.find(c => c.model.id == id.replace('ex-', 'check-'));
            filled.forEach(c => c.model.sharedModel.setSource(texts[c.model.id]));
            notebook.activeCellIndex = notebook.widgets.indexOf(filled[0]);
            filled.forEach(c => [c, check(c.model.id)].forEach(one => notebook.select(one)));
            const before = Math.max(...notebook.widgets.map(c => c.model.executionCount || 0));
            jupyterapp.commands.execute('notebook:run-cell');
            return before;
        }}"""
        before = self.page.evaluate(fill, texts)
        ran = f"""{NOTEBOOK}.sessionContext.session.kernel.status == 'idle' &&
            {NOTEBOOK}.content.widgets.filter(c => c.model.executionCount > {before}).length == {2 * len(texts)}"""
        self.page.wait_for_function(ran, timeout=60_000, polling=250)
        self.page.wait_for_timeout(500)

    def stderr_cells(self) -> list[str]:
        """Ids of cells that show an error or a warning."""
        return self.page.evaluate(
            f"""{NOTEBOOK}.content.widgets.filter(c => c.model.type == 'code' && c.model.outputs.toJSON().some(
                o => o.output_type == 'error' || o.name == 'stderr')).map(c => c.model.id)"""
        )

    def picture(self, state: str) -> None:
        """Keep a screenshot of what is on the screen."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{self.name}-{state}.png")

    def save_and_reload(self) -> None:
        """Save the notebook and load the page again."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function(f"!{NOTEBOOK}.context.model.dirty")
        self.page.reload()
        self._ready()
