#!/usr/bin/python3
"""browser_drive.py LIMN FOLDER NOTEBOOK: opens a notebook in Chromium under the real Jupyter, runs all cells as a
person does, and prints "name<TAB>ok" or what was wrong for each check. notebook_spec.lua runs it. Exit code 77: a
package is not here."""
import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

try:
    import notebook  # noqa: F401
    from tornado.httpclient import AsyncHTTPClient
    from tornado.websocket import websocket_connect
except ImportError as missing:
    print(missing)
    sys.exit(77)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
if not BROWSER:
    print("chromium is not here")
    sys.exit(77)

LIMN, FOLDER, NOTEBOOK = sys.argv[1:]
WAIT = 200  # seconds: only a hang is ended
os.environ.update(HOME=FOLDER, JUPYTER_DATA_DIR=FOLDER + "/data", JUPYTER_RUNTIME_DIR=FOLDER + "/run")
started = []


def start(command, pattern):
    """Starts a program -> the first match of the pattern in what it writes."""
    log = "%s/log-%d" % (FOLDER, len(started))
    with open(log, "wb") as out:
        started.append(subprocess.Popen(command, cwd=FOLDER, stdout=out, stderr=out, start_new_session=True))
    end = time.time() + WAIT
    while time.time() < end and started[-1].poll() is None:
        found = re.search(pattern, open(log, errors="replace").read())
        if found:
            return found.group(0)
        time.sleep(0.1)
    raise RuntimeError("%s did not start: %s" % (command[0], open(log, errors="replace").read()[-2000:]))


class Page:
    """A page of the browser, through its debugging protocol."""

    def __init__(self, socket):
        self.socket, self.count = socket, 0

    async def value(self, expression):
        self.count += 1
        await self.socket.write_message(json.dumps({"id": self.count, "method": "Runtime.evaluate", "params": {
            "expression": expression, "returnByValue": True, "awaitPromise": True}}))
        while True:
            answer = json.loads(await self.socket.read_message())
            if answer.get("id") == self.count:
                return answer["result"].get("result", {}).get("value")

    async def until(self, expression):
        end = time.time() + WAIT
        while time.time() < end:
            value = await self.value(expression)
            if value:
                return value
            await asyncio.sleep(0.2)
        raise RuntimeError("never true in the page: " + expression)


def check(name, fine, got):
    print("%s\t%s" % (name, "ok" if fine else "got %r" % (got,)), flush=True)


OUTPUT = "document.querySelectorAll('.code_cell')[%d].querySelector('.output')"


async def session(port, url):
    base, token = re.match(r"(http://[^/]+)/\?token=(\w+)", url).groups()
    page_url = "%s/notebooks/%s?token=%s" % (base, NOTEBOOK, token)
    answer = await AsyncHTTPClient().fetch("http://127.0.0.1:%d/json/list" % port)
    target = next(t for t in json.loads(answer.body) if t["type"] == "page")
    page = Page(await websocket_connect(target["webSocketDebuggerUrl"], max_message_size=1 << 28))
    await page.value("location.href = %s" % json.dumps(page_url))
    await page.until("typeof Jupyter != 'undefined' && Jupyter.notebook && Jupyter.notebook.kernel"
                     " && Jupyter.notebook.kernel.is_connected()")
    await page.value("Jupyter.notebook.execute_all_cells(); 1")
    await page.until("Jupyter.notebook.get_cells().filter(c => c.cell_type == 'code')"
                     ".every(c => c.input_prompt_number > 0) && !Jupyter.notebook.kernel_busy")
    text = await page.until("(%s || {}).innerText" % (OUTPUT % 0))
    check("value", text.strip().endswith("40"), text)
    drawn = await page.value("(b => b && [b.width, b.height])((%s.querySelector('svg') || {getBoundingClientRect: () => null})"
                             ".getBoundingClientRect())" % (OUTPUT % 1))
    check("figure", bool(drawn) and drawn[0] > 200 and drawn[1] > 100, drawn)
    rows = await page.value("%s.querySelectorAll('table tr').length" % (OUTPUT % 2))
    check("table", rows == 3, rows)
    red = await page.value("(s => s && [s.innerText, getComputedStyle(s).color])(%s.querySelector('.ansi-red-fg'))" % (OUTPUT % 3))
    check("error", bool(red) and "did you mean regress?" in red[0], red)
    caret = await page.value("%s.innerText" % (OUTPUT % 3))
    check("caret", "^" in caret, caret)
    # a person answers io.read, and then stops a cell that never ends
    await page.value("Jupyter.notebook.insert_cell_at_bottom('code').set_text(\"print('hello ' .. io.read())\");"
                     "Jupyter.notebook.get_cell(-1).execute(); 1")
    await page.until("!!document.querySelector('input.raw_input')")
    await page.value("document.querySelector('input.raw_input').value = 'browser';"
                     "$('input.raw_input').trigger($.Event('keydown', {which: 13, keyCode: 13})); 1")
    said = await page.until("(t => t.includes('hello') && t)((%s || {innerText: ''}).innerText)" % (OUTPUT % 4))
    check("input", "hello browser" in said, said)
    await page.value("Jupyter.notebook.insert_cell_at_bottom('code').set_text(\"print 'go'\\nwhile true do end\");"
                     "Jupyter.notebook.get_cell(-1).execute(); 1")
    await page.until("(%s || {innerText: ''}).innerText.includes('go')" % (OUTPUT % 5))
    await page.value("document.querySelector('[data-jupyter-action=\"jupyter-notebook:interrupt-kernel\"]').click(); 1")
    stopped = await page.until("(t => t.includes('interrupted') && t)(%s.innerText)" % (OUTPUT % 5))
    check("stop", "interrupted!" in stopped, stopped)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what it started ends with it
try:
    subprocess.run([LIMN, "jupyter", "install"], check=True, capture_output=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    jupyter = start(["/usr/bin/python3", "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=%d" % port],
                    r"http://127\.0\.0\.1:\d+/\?token=\w+")
    devtools = start([BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
                      "--window-size=1200,1000", "--user-data-dir=" + FOLDER + "/profile", "about:blank"],
                     r"ws://127\.0\.0\.1:\d+")
    asyncio.run(session(int(devtools.rsplit(":", 1)[1]), jupyter))
except Exception as e:  # the trouble is the result
    print("session\t%s" % str(e)[:2000].replace("\n", "\\n"))
finally:
    for program in started:
        try:
            os.killpg(program.pid, signal.SIGTERM)
            program.wait(20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            program.kill()
