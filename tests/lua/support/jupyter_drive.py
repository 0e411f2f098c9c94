#!/usr/bin/python3
"""jupyter_drive.py LIMN FOLDER: drives the kernel with the real Jupyter client; a line a check: its name, a tab, and
"ok" or what was wrong. jupyter_spec.lua runs it. Exit code 77: a package is not here."""
import base64
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

try:
    import zmq
    from jupyter_client import KernelManager
    from jupyter_client.session import Session
except ImportError as missing:
    print(missing)
    sys.exit(77)

LIMN, FOLDER = sys.argv[1:]
WAIT = 200  # seconds: only a hang is ended
os.environ.update(HOME=FOLDER, JUPYTER_DATA_DIR=FOLDER + "/data", JUPYTER_RUNTIME_DIR=FOLDER + "/run")
os.makedirs(FOLDER + "/run")


class Kernel:
    """One kernel and one client of it."""

    def __init__(self):
        self.manager = KernelManager(kernel_name="limn")
        self.manager.start_kernel(stderr=subprocess.PIPE)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WAIT)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=not self.manager.is_alive())

    def until_idle(self, msg_id, seen=None):
        """What the request published, up to its idle."""
        out = []
        while True:
            m = self.client.get_iopub_msg(timeout=WAIT)
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                return out
            out.append(m)
            if seen:
                seen(m)

    def reply(self, msg_id):
        while True:
            m = self.client.get_shell_msg(timeout=WAIT)
            if m["parent_header"].get("msg_id") == msg_id:
                return m["content"]

    def run(self, code, seen=None, **options):
        """reply, {"stdout": text, "stderr": text}, the other messages"""
        msg_id = self.client.execute(code, **options)
        texts, others = {"stdout": "", "stderr": ""}, []
        for m in self.until_idle(msg_id, seen):
            if m["msg_type"] == "stream":
                texts[m["content"]["name"]] += m["content"]["text"]
            elif m["msg_type"] not in ("status", "execute_input"):
                others.append(m)
        return self.reply(msg_id), texts, others

    def value(self, code):
        reply, _, others = self.run(code)
        assert reply["status"] == "ok", reply
        assert len(others) == 1 and others[0]["msg_type"] == "execute_result", others
        return others[0]["content"]["data"]["text/plain"]

    def ask(self, kind, **content):
        m = self.client.session.msg(kind + "_request", content)
        self.client.shell_channel.send(m)
        return self.reply(m["header"]["msg_id"])


def same(got, wanted):
    assert got == wanted, "got %r, wanted %r" % (got, wanted)


def wait_for(what):
    end = time.time() + WAIT
    while time.time() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


# ---- one kernel, in order -----------------------------------------------------------------------------------


def info(k):
    info = k.ask("kernel_info")
    same(info["protocol_version"], "5.3")
    same((info["implementation"], info["language_info"]["name"]), ("limn", "lua"))
    same(k.ask("comm_info")["comms"], {})


def values(k):
    same(k.value("1 + 1"), "2")
    reply, texts, others = k.run("x = 20\nfor i = 1, 2 do\n  print(i)\nend\nio.write 'é'\nx * 2, 'b'")
    same(texts, {"stdout": "1\n2\né", "stderr": ""})
    same(others[0]["content"]["data"], {"text/plain": "40\tb"})
    same(others[0]["content"]["execution_count"], reply["execution_count"])
    same(k.value("ans"), "40")
    same((k.value("_"), k.value("_%d + 2" % reply["execution_count"])), ("40", "42"))
    same(k.value("local y = 3\nmath.max(y,\n  x)"), "20")
    same(k.value("limn.zeros(2, 2)"), "limn.array 2x2 f64\n  0  0\n  0  0")
    _, _, others = k.run("limn.results.new { { n = 1, k = '<a>' } }")
    data = others[0]["content"]["data"]
    assert data["text/plain"].startswith("limn.results: 1 rows; k n\n"), data
    assert "<th>n</th>" in data["text/html"] and "<td>&lt;a&gt;</td>" in data["text/html"], data
    data = k.run("limn.array { { 1.5, 2 }, { 3, 4 } }")[2][0]["content"]["data"]
    same(data["text/html"], "<table><caption>limn.array 2x2 f64</caption>\n<tr><th></th><th>1</th><th>2</th></tr>\n"
         "<tr><th>1</th><td>1.5</td><td>2</td></tr>\n<tr><th>2</th><td>3</td><td>4</td></tr>\n</table>")
    html = k.run("limn.zeros(3000, 300)")[2][0]["content"]["data"]["text/html"]
    assert len(html) < 10000 and "<th>3000</th>" in html and "&#8942;" in html, html[:200]
    html = k.run("limn.regress.minnorm({ { 1, 2 } }, { 1 })")[2][0]["content"]["data"]["text/html"]
    assert ">rank</td>" in html and ">1</td>" in html, html
    same(k.run("io.write 'said'")[1:], ({"stdout": "said", "stderr": ""}, []))  # not the file that write returns
    same(k.run("!echo of the shell\n:set digits 3\nx, math.pi")[1]["stdout"], "of the shell\n")
    same(k.value("math.pi"), "3.14")
    k.run(":set digits off")
    for silent in ("x;", "x = 1", "", "-- only a remark", "s = [[\nx\n]]", "y = x\n  - 1"):
        same(k.run(silent)[2], [])
    same(k.value("y"), "0")
    same(k.run("x = 5\nx", silent=True)[2], [])
    assert ":time" in k.run(":help")[1]["stdout"]


def errors(k):
    reply, _, others = k.run("local function f() error 'boom' end\nf()\nprint 'never'")
    same((reply["status"], reply["evalue"]), ("error", "In[%d]:1: boom" % reply["execution_count"]))
    said = others[0]["content"]
    same((others[0]["msg_type"], said["evalue"]), ("error", reply["evalue"]))
    red = "\x1b[31mIn[%d]:1: boom\x1b[0m" % reply["execution_count"]
    same(said["traceback"], [red, "    local function f() error 'boom' end", "  in f, In[%d]:1" % reply["execution_count"],
                             "  in the cell, In[%d]:2" % reply["execution_count"]])
    same(k.run(":debug")[1]["stdout"].splitlines()[0], "1  f, In[%d]:1" % reply["execution_count"])
    reply = k.run("y = 1\nlimn.regres.minnorm()")[0]
    assert reply["evalue"].endswith("(field 'regres'); did you mean regress?"), reply
    same(reply["traceback"][1:3], ["    limn.regres.minnorm()", "         ^"])
    assert "there is no prompt here" in k.run("limn.repl {}")[0]["evalue"]
    assert "warning: nowhere is not defined" in k.run("nowhere")[1]["stderr"]
    assert not any("evaluator.lua" in line for line in said["traceback"]), said
    reply = k.run("x = = 1")[0]
    assert "unexpected symbol" in reply["evalue"] and reply["traceback"][1:] == ["    x = = 1", "        ^"], reply
    same(k.run("error {}")[0]["evalue"], "(error object is a table value)")
    assert "did you mean :help" in k.run(":hepl")[0]["evalue"]
    same(k.run("io.stderr:write 'warn'; io.stdout:write 'out';")[1], {"stdout": "out", "stderr": "warn"})
    same(k.run("os.execute 'echo from a child';")[1]["stdout"], "from a child\n")


def after_an_error(k):
    first = k.client.execute("local t = os.clock() while os.clock() < t + 0.2 do end error 'stop'")
    second, third = k.client.execute("never = 1"), k.client.execute("never = 2", stop_on_error=False)
    same(k.reply(first)["status"], "error")
    same(k.reply(second)["status"], "aborted")
    same(k.reply(third)["status"], "aborted")
    k.until_idle(third)
    first = k.client.execute("error 'go on'", stop_on_error=False)
    second = k.client.execute("never == nil")
    same((k.reply(first)["status"], k.reply(second)["status"]), ("error", "ok"))
    k.until_idle(second)
    same(k.value("never"), "nil")


def completion(k):
    def complete(code, at=None):
        r = k.ask("complete", code=code, cursor_pos=len(code) if at is None else at)
        return r["matches"], code[r["cursor_start"]:r["cursor_end"]]
    same(complete("string.re"), (["rep", "reverse"], "re"))
    same(complete("é = 'ü'\nlimn.featu + 1", 18), (["features"], "featu"))
    same(complete("nowhere.x"), ([], ""))
    same(complete(""), ([], ""))
    k.run("text = limn.zeros(2)")
    same(complete("text:tota"), (["totable"], "tota"))


def inspection(k):
    def inspect(code, at=None, detail=0):
        r = k.ask("inspect", code=code, cursor_pos=len(code) if at is None else at, detail_level=detail)
        return r["data"].get("text/plain", "") if r["found"] else None
    assert "limn.features.toy" in inspect("limn.features.toy{points = 4")
    assert "limn.features.toy" in inspect("limn.features.toy{points = 4}", 7 + len("limn.fe"))
    assert "limn.features.toy" in inspect("x = 1\nf = limn.features.toy{points = 4,\n  cou")
    k.run("mine = {1, 2}")
    assert "{ 1, 2 }" in inspect("mine")
    assert inspect("limn.regress.ridge").startswith("regress.ridge(features, ")
    assert "local o = check" not in inspect("limn.regress.ridge") and "local " in inspect("limn.regress.ridge", detail=1)
    k.run("function own(a, b) return a .. 'of own' end")
    assert inspect("own").startswith("own(a, b)") and "'of own'" not in inspect("own") and "'of own'" in inspect("own", detail=1)
    same(inspect("nowhere.x"), None)
    same(inspect(""), None)


def completeness(k):
    wanted = {"x = 1": "complete", "x +": "incomplete", "for i = 1, 2 do": "incomplete", "x = = 1": "invalid",
              "s = [[": "incomplete", "1 + 1": "complete", "f(": "incomplete"}
    same({code: k.ask("is_complete", code=code)["status"] for code in wanted}, wanted)


def history(k):
    k.run("remembered = 1")
    entries = k.ask("history", hist_access_type="tail", n=1, raw=True, output=False)["history"]
    same([e[2] for e in entries], ["remembered = 1"])


def figures(k):
    k.run("fig = limn.plot.figure{}:line{x = {1, 2, 3}, y = {1, 4, 9}}")
    for code, kind in (("fig", "execute_result"), ("fig:show()", "display_data"), ("fig:show()\n1;", "display_data")):
        _, _, others = k.run(code)
        same([m["msg_type"] for m in others], [kind])
        svg = others[0]["content"]["data"]["image/svg+xml"]
        assert svg.startswith("<svg") and svg.rstrip().endswith("</svg>"), svg[:80]
        data = others[0]["content"]["data"]
        assert "limn.plot figure" in data["text/plain"]
        same((base64.b64decode(data["image/png"])[:4], base64.b64decode(data["application/pdf"])[:4]), (b"\x89PNG", b"%PDF"))
    data = k.run("limn.plot.format = 'svg'\nfig")[2][0]["content"]["data"]
    same(sorted(data), ["image/svg+xml", "text/plain"])
    reply = k.run("limn.plot.format = 'gif'\nfig")[0]
    assert 'format must be "svg" or "png" or "pdf", got "gif"' in reply["evalue"], reply
    k.run("limn.plot.format = nil")
    _, _, others = k.run("local m = {} for i = 1, 9000 do m[i] = math.random() end\n"
                         "limn.plot.figure{}:points{x = m, y = m}")
    data = others[0]["content"]["data"]
    png = base64.b64decode(data["image/png"])
    assert png[:4] == b"\x89PNG" and "image/svg+xml" not in data


def order(k):
    """What is written to the two streams is shown in its order."""
    parts = []

    def seen(m):
        if m["msg_type"] == "stream":
            parts.append((m["content"]["name"], m["content"]["text"]))
    k.run("for i = 1, 20 do\n  print('out' .. i)\n  io.stderr:write('err' .. i .. '\\n')\nend\nprint 'end'", seen)
    same("".join(text for _, text in parts), "".join("out%d\nerr%d\n" % (i, i) for i in range(1, 21)) + "end\n")
    same({name for name, text in parts if "err" in text}, {"stderr"})


def questions(k):
    """io.read asks the client for a line."""
    def run(code, *lines):
        left = list(lines)
        msg_id = k.client.execute(code, allow_stdin=True)
        while left:
            m = k.client.get_stdin_msg(timeout=WAIT)
            same((m["msg_type"], m["content"]["password"]), ("input_request", False))
            k.client.input(left.pop(0))
        out = "".join(m["content"]["text"] for m in k.until_idle(msg_id) if m["msg_type"] == "stream")
        same(k.reply(msg_id)["status"], "ok")
        return out
    same(run("print('hello ' .. io.read(), io.read('n') * 2)", "you", "21"), "hello you\t42.0\n".replace("42.0", "42"))
    same(run("for line in io.lines() do print(line) if line == 'b' then break end end", "a", "b"), "a\nb\n")
    same(run("io.write 'name? ' print(io.stdin:read 'L')", "é"), "name? é\n\n")
    reply = k.run("io.read()", allow_stdin=False)[0]
    assert "answers no questions" in reply["evalue"], reply
    msg_id = k.client.execute("io.read()", allow_stdin=True)
    k.client.get_stdin_msg(timeout=WAIT)
    k.manager.interrupt_kernel()
    same(k.reply(msg_id)["ename"], "Interrupted")
    k.until_idle(msg_id)
    k.client.input("too late")
    same(k.value("1 + 1"), "2")


def beside(k):
    """user_expressions, and cells that are not kept."""
    reply = k.run("z = 6", user_expressions={"a": "z * 7", "b": "z.q.r", "c": "= ="})[0]["user_expressions"]
    same(reply["a"], {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}})
    same((reply["b"]["status"], reply["c"]["status"]), ("error", "error"))
    assert "attempt to index" in reply["b"]["evalue"], reply
    same(k.run("error 'no'", user_expressions={"a": "1"})[0]["user_expressions"], {})
    before = k.run("z")[0]["execution_count"]
    hidden = k.run("'hidden cell'", store_history=False)[0]
    after = k.run("z")[0]["execution_count"]
    same((hidden["execution_count"] - before, after - before), (1, 1))
    texts = [entry[2] for entry in k.ask("history", hist_access_type="tail", n=3, raw=True, output=False, session=0, start=0, stop=0)["history"]]
    assert "'hidden cell'" not in texts and texts[-1] == "z", texts


def interruption(k):
    cells = {
        "Lua": "print 'go'\nwhile true do end",
        "a coroutine": "print 'go'\ncoroutine.wrap(function() while true do end end)()",
        "native work": "print 'go'\nlocal f = limn.features.toy{points = 1024, count = 1 << 26, complexity = 6}\n"
                       "limn.regress.minnorm(f, f.labels)",
        "another program": "print 'go'\nos.execute 'sleep 60'\nwhile true do end",
        "output without end": "while true do print 'go' end",
    }
    for name, code in cells.items():
        asked = []

        def seen(m):
            if m["msg_type"] == "stream" and not asked:
                asked.append(time.time())
                k.manager.interrupt_kernel()
                if name == "another program":
                    time.sleep(0.2)
                    k.manager.interrupt_kernel()
        reply = k.run(code, seen)[0]
        same((name, reply["status"], reply.get("ename")), (name, "error", "Interrupted"))
    for _ in range(20):  # before, while and after a cell runs
        msg_id = k.client.execute("kept = (kept or 0) + 1")
        k.manager.interrupt_kernel()
        assert k.reply(msg_id)["status"] in ("ok", "error")
        k.until_idle(msg_id)
    k.manager.interrupt_kernel()
    same(k.value("x"), "5")  # the session and its data are still there


def stopped_work(k):
    """The stop button during a training and a sweep: the error goes on, and what was done is kept."""
    def stop(wanted):
        asked = []

        def seen(m):
            if m["msg_type"] in wanted and not asked:
                asked.append(1)
                time.sleep(0.5)
                k.manager.interrupt_kernel()
        return seen
    k.run("net = limn.mlp.new { sizes = { 8, 16, 1 }, seed = 1 }\nbefore = net:forward { { 1, 1, 1, 1, 1, 1, 1, 1 } }:get(1)")
    reply = k.run("X = limn.rng.stream(1):normal(512, 8)\ny = limn.rng.stream(2):sign(512)\nprint 'go'\n"
                  "net:train(X, y, { steps = 1000000000 })\nreached = true",
                  stop(["stream"]))[0]
    same((reply["status"], reply.get("ename")), ("error", "Interrupted"))
    same(k.value("reached == nil and net:forward { { 1, 1, 1, 1, 1, 1, 1, 1 } }:get(1) ~= before"), "true")  # it was trained, and the cell has ended
    reply, texts, others = k.run("""e = limn.experiment { name = "slow", params = { n = 1 }, grid = { n = "1:1000" },
      measure = function(p)
        local from = os.clock()
        while os.clock() - from < 0.01 do end
        return { m = p.n }
      end }
      e:run { workers = 2, store = "%s/stopped.db" }
      reached = true""" % FOLDER, stop(["display_data"]))
    same((reply["status"], reply.get("ename")), ("error", "Interrupted"))
    shown = [m for m in others if m["msg_type"].endswith("display_data")]
    ids = set(m["content"]["transient"]["display_id"] for m in shown)
    same(([m["msg_type"] for m in shown[:2]], len(ids)), (["display_data", "update_display_data"], 1))
    assert "/1000 cells" in shown[-1]["content"]["data"]["text/plain"], shown[-1]
    same(k.value("reached"), "nil")
    kept = int(k.value("#limn.results.load '%s/stopped.db'" % FOLDER))
    assert 10 <= kept < 1000, kept
    same(k.value("#e:run { grid = { n = '1:3' }, quiet = true }"), "3")


def native_progress(k):
    """A long training has one line that is updated in place and is empty at the end."""
    _, texts, others = k.run("net = limn.mlp.new { sizes = { 8, 64, 64, 1 }, seed = 1 }\n"
                             "X = limn.rng.stream(1):normal(512, 8)\ny = limn.rng.stream(2):sign(512)\n"
                             "local options = { steps = 200, tol = 1e-300 }\n"
                             "repeat\n  local from = os.time()\n  net:train(X, y, options)\n  options.steps = 4 * options.steps\n"
                             "until os.time() - from > 2\n"
                             "print 'done'")
    lines = [m for m in others if m["msg_type"].endswith("display_data")]
    same([m["msg_type"] for m in lines[:2]], ["display_data", "update_display_data"])
    same(len(set(m["content"]["transient"]["display_id"] for m in lines)), 1)
    assert "%" in lines[0]["content"]["data"]["text/plain"], lines[0]
    same((lines[-1]["content"]["data"]["text/plain"], texts), ("", {"stdout": "done\n", "stderr": ""}))


def huge_output(k):
    _, texts, _ = k.run("local line = ('x'):rep(1 << 20) for i = 1, 40 do print(line) end")
    assert 8 << 20 <= len(texts["stdout"]) < 9 << 20, len(texts["stdout"])
    assert "more than 8 MiB" in texts["stdout"][-100:]
    _, texts, _ = k.run(r"io.write('\xff\xe2\x82') io.flush() io.write('\xac')")
    same(texts["stdout"], "\ufffd€")
    text = k.value("('long '):rep(1 << 20)")
    assert len(text) < 10000 and "more bytes (:show prints all)" in text, len(text)


def strangers(k):
    """Wrong signatures, broken parts and plain noise change nothing."""
    c = json.load(open(k.manager.connection_file))
    context = zmq.Context()
    for port in ("shell_port", "control_port"):
        s = context.socket(zmq.DEALER)
        s.linger = 0
        s.connect("tcp://%s:%d" % (c["ip"], c[port]))
        wrong = Session(key=b"another key")
        wrong.send(s, "execute_request", {"code": "stranger = 1", "silent": False})
        right = Session(key=c["key"].encode())
        right.send(s, "execute_request", {"code": 5})
        s.send_multipart([b"", b"<IDS|MSG>"])
        s.send_multipart([b"noise"])
        for parts in ([b"{", b"{}", b"{}", b"{}"], [b"[]", b"{}", b"{}", b"{}"],
                      [b'{"msg_type":"execute_request"}', b"{}", b"{}", b"{"],
                      [b'{"msg_type":"no_such_request"}', b"{}", b"{}", b"{}"]):
            s.send_multipart([b"<IDS|MSG>", right.sign(parts)] + parts)
        with socket.create_connection((c["ip"], c[port])) as raw:
            raw.sendall(b"GET / HTTP/1.0\r\n\r\n" + bytes(range(256)) * 64)
        answers = []
        while s.poll(500 if not answers else 100):
            answers.append(s.recv_multipart())
        assert any(b"BadRequest" in b"".join(a) for a in answers), answers
        s.close()
    context.term()
    same(k.value("stranger"), "nil")


def heartbeat(k):
    msg_id = k.client.execute("local t = os.clock() while os.clock() < t + 0.5 do end")
    c = json.load(open(k.manager.connection_file))
    context = zmq.Context()
    s = context.socket(zmq.REQ)
    s.linger = 0
    s.connect("tcp://%s:%d" % (c["ip"], c["hb_port"]))
    for i in range(3):
        s.send(b"ping")
        assert s.poll(WAIT * 1000)
        same(s.recv(), b"ping")
    try:  # the cell still runs: the front answered, not the session
        k.client.get_shell_msg(timeout=0.01)
        assert False, "the cell is over before its heartbeats"
    except Exception as e:
        assert type(e).__name__ == "Empty", e
    s.close()
    context.term()
    k.reply(msg_id)
    k.until_idle(msg_id)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def gone(pid):
    return wait_for(lambda: not os.path.exists("/proc/%d" % pid) or "Z" in open("/proc/%d/stat" % pid).read().split()[2])


def shutdown(k):
    pid = k.manager.provisioner.process.pid
    session = children(pid)
    same(len(session), 1)
    k.client.execute("while true do end")
    k.manager.shutdown_kernel()
    assert not k.manager.is_alive() and gone(session[0])


# ---- kernels of their own --------------------------------------------------------------------------------------


def lost(code, wanted):
    k = Kernel()
    reply = k.run(code)[0]
    assert reply["ename"] == "SessionLost" and wanted in reply["evalue"], reply
    assert wait_for(lambda: not k.manager.is_alive())
    k.manager.restart_kernel(now=True)
    k.client.wait_for_ready(timeout=WAIT)
    same(k.value("6 * 7"), "42")
    k.close()


def session_lost():
    lost("print 'bye' os.exit(3)", "exit code 3")
    lost("os.execute('kill -9 ' .. io.open('/proc/self/stat'):read 'n')", "Killed")


def killed():
    k = Kernel()
    pid = k.manager.provisioner.process.pid
    session = children(pid)[0]
    k.client.execute("while true do end")
    os.kill(pid, signal.SIGKILL)
    assert gone(session), "the session outlives a killed kernel"
    k.close()


def limn(*arguments, env=None):
    p = subprocess.run([LIMN, "kernel", *arguments], capture_output=True, text=True, timeout=WAIT,
                       env=dict(os.environ, **(env or {})))
    return p.returncode, p.stdout + p.stderr


def bad_files():
    good = {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256"}
    for name in ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            good[name] = s.getsockname()[1]
    path = FOLDER + "/connection.json"

    def run(text):
        with open(path, "w") as f:
            f.write(text if isinstance(text, str) else json.dumps(text))
        return limn("run", path)

    for change, wanted in (
            ({"shell_port": 0}, "shell_port must be a port in 1 .. 65535, got 0"),
            ({"hb_port": "5"}, 'hb_port must be a port in 1 .. 65535, got "5"'),
            ({"transport": "udp"}, 'transport must be "tcp" or "ipc"'),
            ({"signature_scheme": "md5"}, 'signature_scheme must be "hmac-sha256"'),
            ({"key": 5}, "key must be a string, got 5"),
            ({"ip": "no.such.host.invalid"}, "cannot listen at tcp://no.such.host.invalid")):
        code, text = run({**good, **change})
        assert code == 1 and wanted in text, (change, code, text)
    for garbage in ("", "\0\1\2", "{", "[1, 2]", "null", "{}", "x" * 100000):
        code, text = run(garbage)
        assert code == 1 and path in text and "traceback" not in text, (garbage[:20], code, text)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = run({**good, "iopub_port": port})
        assert code == 1 and "(iopub_port): Address already in use" in text, (code, text)
    code, text = limn("run", FOLDER + "/nowhere.json")
    assert code == 1 and "cannot read the connection file" in text, text
    for wrong in ((), ("run",), ("run", "a", "b"), ("install", "--prefix"), ("install", "x"), ("walk",)):
        code, text = limn(*wrong)
        assert code == 2 and "usage: limn jupyter" in text, (wrong, code, text)


def installation():
    code, text = limn("install", "--prefix", FOLDER + "/p")
    spec = json.load(open(FOLDER + "/p/share/jupyter/kernels/limn/kernel.json"))
    same((code, spec["language"], spec["interrupt_mode"]), (0, "lua", "signal"))
    same(spec["argv"][1:], ["jupyter", "run", "{connection_file}"])
    assert os.path.samefile(spec["argv"][0], LIMN)
    assert text.startswith("installed the Jupyter kernel of limn") and os.path.realpath(LIMN) in text, text
    for size in (32, 64):
        with open(FOLDER + "/p/share/jupyter/kernels/limn/logo-%dx%d.png" % (size, size), "rb") as f:
            head = f.read(24)
        same((head[:4], struct.unpack(">II", head[16:24])), (b"\x89PNG", (size, size)))
    assert os.path.exists(FOLDER + "/p/share/jupyter/kernels/limn/logo-svg.svg")
    open(FOLDER + "/file", "w").close()
    code, text = limn("install", "--prefix", FOLDER + "/file")
    assert code == 1 and "cannot make the folder" in text, text
    code, text = limn("install", env={"JUPYTER_DATA_DIR": "", "XDG_DATA_HOME": FOLDER + "/xdg"})
    assert code == 0 and os.path.exists(FOLDER + "/xdg/jupyter/kernels/limn/kernel.json"), text


def check(name, function, *arguments):
    start = time.time()
    try:
        function(*arguments)
        verdict = "ok"
    except Exception as e:  # a check's failure is its result
        where = traceback.extract_tb(e.__traceback__)[-1]
        verdict = "%s at line %s: %s" % (type(e).__name__, where.lineno, str(e)[:2000].replace("\n", "\\n"))
        for frame in traceback.extract_tb(e.__traceback__)[:-1]:
            verdict += " < %d" % frame.lineno
    print("%s\t%s\t%.2f s" % (name, verdict, time.time() - start), flush=True)


check("installation", installation)
subprocess.run([LIMN, "kernel", "install", "--user"], check=True, capture_output=True)
kernel = Kernel()
for one in (info, values, errors, after_an_error, completion, inspection, completeness, history, figures, order, questions, beside, interruption, stopped_work,
            native_progress, huge_output, strangers, heartbeat, shutdown):
    check(one.__name__, one, kernel)
for one in (session_lost, killed, bad_files):
    check(one.__name__, one)
