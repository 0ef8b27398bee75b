"""emulated.py - what the emulated tools of a virtual board share

A board is told who it is by ~/emulated.json (tests/lab/virtual/virtual makes
it): its platform and its tool's version, how fast its time runs, where the
published table, the data set's labels and its sensor are.  Every number that
a tool prints is the published row's; where there is no row there is none.
"""
import csv
import json
import os
import sys
import time

HOME = os.environ["HOME"]
RIPPLE_UW = 2000  # about the mean, so that a reading is seen to be new
STEP_S = 0.01     # between updates of the sensor, as the worker sees them


def facts():
    with open(os.path.join(HOME, "emulated.json")) as file:
        return json.load(file)


FACTS = facts()
VERSION = FACTS.get("version", "")


def fault(word):
    """True if a test wants this failure of the board: ~/fault names it."""
    try:
        with open(os.path.join(HOME, "fault")) as file:
            return word in file.read().split()
    except FileNotFoundError:
        return False


def keep(name, value=None):
    """The board's state of that name, set to 'value' where there is one."""
    path = os.path.join(HOME, "state-" + name)
    if value is not None:
        with open(path, "w") as file:
            file.write(str(value))
    try:
        with open(path) as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def rows(**where):
    """The published rows of this platform that meet 'where'."""
    with open(FACTS["published"]) as file:
        return [row for row in csv.DictReader(file)
                if row["platform"] == FACTS["platform"] and all(
                    row[key] == str(value) for key, value in where.items())]


def row(**where):
    """The one published row, its numbers as such; None if there is none."""
    found = rows(**where)
    if not found:
        return None
    return {key: number(value) for key, value in found[0].items()}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text if text else None


def model(path):
    """What an emulated model file says it holds: the JSON object in it."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        at = data.index(b'{"')
        return json.loads(data[at:data.index(b"}", at) + 1])
    except (OSError, ValueError):
        return None


class Oracle:
    """Scores of a network that errs as often as the published one.

    It knows the test set by its pixels, so that images in another order, in
    another scale or counted twice are seen.
    """

    def __init__(self, of):
        import numpy as np

        rows_of = rows(precision=of["precision"],
                       pruning_percent="%g" % of["pruning_factor_pct"])
        top1 = float(rows_of[0]["top1_percent"]) if rows_of else 98.0
        images = np.fromfile(FACTS["images"], ">u1")[16:].reshape(-1, 784)
        labels = np.fromfile(FACTS["labels"], ">u1")[8:].astype(int)
        errs = np.arange(len(labels)) >= round(len(labels) * top1 / 100)
        self.np, self.answers = np, (labels + errs) % 10
        self.images, self.known = images, {}

    def keys(self, batch, step):
        """Each image as bytes, its pixels (0 to 1) in steps."""
        steps = self.np.rint(batch.reshape(len(batch), -1) / step)
        return [image.tobytes() for image in steps.astype(self.np.int16)]

    def scores(self, batch, step=1 / 255):
        np = self.np
        if not self.known:
            self.known = {key: i for i, key in enumerate(
                self.keys(self.images.astype(np.float32) / 255, step))}
        scores = np.zeros((len(batch), 10), np.float32)
        for i, image in enumerate(self.keys(batch, step)):
            at = self.known.get(image)
            if at is not None:
                scores[i, self.answers[at]] = 1
            else:
                scores[i, 0] = 1
        return scores


def jitter(value, count):
    """'count' values, a multiple of three, of this mean and this median."""
    return [value * (0.99, 1.0, 1.01)[i % 3] for i in range(count)]


# ---- time and power

def show(watts):
    """The sensor says so many watts: one write, of a fixed length."""
    text = ("%d\n" % round(1e6 * watts)).ljust(10, "\n").encode()
    fd = os.open(FACTS["sensor"], os.O_WRONLY | os.O_CREAT, 0o644)
    os.pwrite(fd, text, 0)
    os.close(fd)


def busy(seconds, watts=None, idle=None):
    """Take so long of the board's time; meanwhile the sensor says 'watts',
    and 'idle' afterwards."""
    ends = REAL() + seconds * FACTS["scale"]
    steps = 0
    while True:
        if watts is not None:
            show(watts + (RIPPLE_UW if steps % 2 else -RIPPLE_UW) / 1e6)
        left = ends - REAL()
        if left <= 0:
            break
        time.sleep(min(STEP_S, left))
        steps += 1
    if idle is not None:
        show(idle)


def run(seconds, of):
    """Inference of a published row."""
    busy(seconds, of["full_w"], of["idle_w"])


REAL = time.monotonic


def hurry():
    """From here on this process's clock is the board's, too."""
    time.monotonic = lambda: REAL() / FACTS["scale"]


def end(status, words=""):
    if words:
        print(words, file=sys.stderr, flush=True)
    sys.exit(status)
