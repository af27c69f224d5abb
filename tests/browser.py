"""A page opened in a headless Chromium: a test's own script runs in it, and what it found is read back."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

import pytest

#: What a browser is called, the one named in REPOOL_CHROMIUM first.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def faults(page, **more):
    """Return what axe-core finds in a page with everything unfolded, as lines: rule, what helps, where it is first."""
    folder = Path(str(files("axe_core_python")))
    script = """
      for (const fold of document.querySelectorAll("details")) {
        fold.open = true;
        fold.dispatchEvent(new Event("toggle"));
      }
      const told = await axe.run(document, { resultTypes: ["violations"] });
      return told.violations.map((one) => `${one.id}: ${one.help}; ${one.nodes.length} times, first at `
        + `${one.nodes[0].target.join(" ")}: ${(one.nodes[0].any[0] || one.nodes[0].all[0] || {}).message || ""}`);
    """
    return run_in_page(page, script, more=[(folder / "axe.min.js").read_text(encoding="utf-8")], **more)


def chromium():
    """Return the path of a browser; None where this machine has none."""
    named = os.environ.get("REPOOL_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


needs_browser = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine (see REPOOL_CHROMIUM)")


def with_script(page, script):
    """Return a page with one more script at its end, which its policy is made to allow."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert page.count("script-src ") == 1 and "</script" not in script
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ")
    start, end = page.rsplit("</body>", 1)
    return f"{start}<script>{script}</script></body>{end}"


def run_in_page(page, script, *, window=(1280, 900), more=(), dark=False):
    """Return what an asynchronous script finds in a page.

    Parameters
    ----------
    page : str
        The page, with a policy that names scripts by their hashes.
    script : str
        The body of an asynchronous function; what it returns must be fit for JSON.
    window : tuple of int
        Width and height in pixels.
    more : sequence of str
        Scripts that stand before it, such as a library.
    dark : bool
        Whether the reader prefers dark pages.
    """
    for text in more:
        page = with_script(page, text)
    wrapped = (
        "(async () => { const faults = []; addEventListener('error', (e) => faults.push(String(e.message)));"
        f"let found; try {{ found = await (async () => {{ {script} }})(); }} catch (e) {{ faults.push(String(e)); }}"
        "const told = document.createElement('pre'); told.id = 'test-told';"
        "told.textContent = JSON.stringify({ found, faults }); document.body.append(told); })();"
    )
    text = _opened(with_script(page, wrapped), window, dark=dark)
    told = re.search(r'<pre id="test-told">(.*?)</pre>', text, re.S)
    assert told, "the test's script did not come to its end"
    answer = json.loads(html.unescape(told.group(1)))
    assert not answer["faults"], answer["faults"]
    return answer["found"]


def _opened(page, window, *, dark):
    """Return the page as it stands once its scripts have run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        words = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        words += ["--blink-settings=preferredColorScheme=0"] if dark else []
        words += [f"--window-size={window[0]},{window[1]}", "--virtual-time-budget=60000", "--dump-dom", file.as_uri()]
        run = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stderr[-2000:]
        return run.stdout
