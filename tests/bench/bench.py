"""The bench: runs limn and its peers on the same work in the same run, alternately, and reports medians,
ratios, work per second, peak memory and the fraction of this CPU's maximum rate (probe.c).

A section is a file bench_<name>.py beside this one with a function run(bench); it makes rows with
bench.compare(...) or bench.row(...). Every program runs in a separate process, which has its own peak
memory and thread settings. Usage: bench.py [--build DIR] [--out FILE] [--quick] [section ...]"""
import argparse
import datetime
import glob
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Run:
    """One process: .values (its "name value" lines), .seconds (wall), .mib (peak resident)."""

    def __init__(self, argv, env):
        with tempfile.TemporaryFile() as out:
            start = time.perf_counter()
            process = subprocess.Popen(argv, stdout=out, env=env)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = time.perf_counter() - start
            if process.returncode != 0:
                raise RuntimeError("%s failed with status %d" % (argv[:2], process.returncode))
            out.seek(0)
            text = out.read().decode()
        self.mib = usage.ru_maxrss / 1024
        self.values = {}
        for line in text.splitlines():
            name, _, value = line.partition(" ")
            try:
                self.values[name] = float(value)
            except ValueError:
                self.values[name] = value


class Bench:
    def __init__(self, build, quick):
        self.build, self.quick = build, quick
        self.repeats = 2 if quick else 5
        self.rows, self.notes = [], []
        self.section = ""
        self.probe = Run([os.path.join(build, "probe")], dict(os.environ)).values

    # ---- running ----
    def limn(self, script, *arguments, threads=1, **env):
        """Runs Lua text in the limn program."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(script)
            file.flush()
            full = dict(os.environ, LIMN_THREADS=str(threads), **env)
            return Run([os.path.join(self.build, "limn"), file.name, *map(str, arguments)], full)

    def python(self, script, *arguments, threads=1, **env):
        """Runs Python text with the given number of BLAS and OpenMP threads."""
        full = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads), **env)
        return Run([sys.executable, "-c", script, *map(str, arguments)], full)

    def program(self, path, *arguments):
        """Runs a program."""
        return Run([path, *map(str, arguments)], dict(os.environ))

    # ---- reporting ----
    def compare(self, name, limn, peers, threads=1, work=None, unit="", limit=None, must=None, bound=None):
        """limn, and each of peers (name -> function), are functions -> Run with .values["seconds"]. They run
        in turn; the ratio is the median over rounds of best peer / limn. work: amount done in `unit`s;
        limit: the most that `threads` cores could do a second. bound: the seconds that the work takes at the
        rates of the probe."""
        ours, theirs = [], {peer: [] for peer in peers}
        for _ in range(self.repeats):
            ours.append(limn())
            for peer, function in peers.items():
                theirs[peer].append(function())
        mine = [run.values["seconds"] for run in ours]
        median = {peer: statistics.median(r.values["seconds"] for r in runs) for peer, runs in theirs.items()}
        best = min(median, key=median.get) if median else None
        row = {"section": self.section, "name": name, "threads": threads, "limn_s": statistics.median(mine),
               "limn_s_all": mine, "limn_mib": max(run.mib for run in ours), "must": must}
        if best:
            row["best_peer"], row["peer_s"] = best, median[best]
            row["peers_s"] = median
            row["peer_mib"] = max(run.mib for run in theirs[best])
            row["ratio"] = statistics.median(
                peer.values["seconds"] / t for peer, t in zip(theirs[best], mine))
        if work:
            row["work_per_s"], row["unit"] = work / row["limn_s"], unit
            if limit:
                row["share_of_limit"] = row["work_per_s"] / limit
        if bound:
            row["bound_s"], row["share_of_limit"] = bound, bound / row["limn_s"]
        row["limn_values"] = ours[-1].values
        self.show(row)
        return row

    def row(self, name, **fields):
        self.show(dict(section=self.section, name=name, **fields))

    def note(self, text):
        self.notes.append(text)
        print("  " + text, flush=True)

    def show(self, row):
        self.rows.append(row)
        cells = ["%-44s" % row["name"], "%d thr" % row["threads"] if "threads" in row else "     "]
        cells.append("limn %8s" % seconds(row["limn_s"]) if "limn_s" in row else " " * 13)
        if "peer_s" in row:
            cells.append("%-16s %8s" % (row["best_peer"], seconds(row["peer_s"])))
            cells.append("ratio %6.1f" % row["ratio"])
        if row.get("must"):
            cells.append("(must %g)" % row["must"])
        if "work_per_s" in row:
            cells.append("%.4g %s/s" % (scaled(row["work_per_s"]), row["unit"]))
        if "share_of_limit" in row:
            cells.append("%.0f %% of limit" % (100 * row["share_of_limit"]))
        if "limn_mib" in row:
            cells.append("%.0f MiB" % row["limn_mib"])
        print("  " + "  ".join(cells), flush=True)


def scaled(x):
    return x / 1e9


def seconds(t):
    return "%.3g s" % t if t >= 1 else "%.3g ms" % (1e3 * t) if t >= 1e-4 else "%.3g us" % (1e6 * t)


def cpu_name():
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--out", default="build/bench.json")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, smaller sizes")
    parser.add_argument("sections", nargs="*")
    options = parser.parse_args()
    found = {os.path.basename(p)[6:-3]: p for p in sorted(glob.glob(os.path.join(HERE, "bench_*.py")))}
    for name in options.sections:
        if name not in found:
            parser.error("no section '%s'; there are: %s" % (name, ", ".join(found)))
    bench = Bench(options.build, options.quick)
    stamp = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    print("limn bench  %s  %s, %d CPUs" % (stamp, cpu_name(), os.cpu_count()))
    print("  times are medians of %d rounds in turn; work in 10^9; ratio = best peer / limn" % bench.repeats)
    for name in options.sections or found:
        bench.section = name
        print(name)
        spec = importlib.util.spec_from_file_location("bench_" + name, found[name])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.run(bench)
    report = {"date": stamp, "cpu": cpu_name(), "cpus": os.cpu_count(), "kernel": platform.release(),
              "python": platform.python_version(), "quick": options.quick, "load": os.getloadavg(),
              "probe": bench.probe, "rows": bench.rows, "notes": bench.notes}
    os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
    partial = options.out + ".part"
    with open(partial, "w") as file:
        json.dump(report, file, indent=1)
    os.replace(partial, options.out)
    print("written: " + options.out)


if __name__ == "__main__":
    main()
