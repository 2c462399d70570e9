"""What the peers' scripts share: tiles of a photo, the bare loop of their ONNX Runtime, and answering
one line of JSON with each line of JSON that comes in."""

import json
import sys
import time

import numpy as np
import onnxruntime

TILE = 640
STEP = 512


def cut(photo):
    """Views of TILE pixels, each repeating a fifth of the one before, the last ones shifted inwards."""
    height, width = photo.shape[:2]
    rows = [min(y, height - TILE) for y in range(0, height - TILE + STEP, STEP)]
    columns = [min(x, width - TILE) for x in range(0, width - TILE + STEP, STEP)]
    return [photo[y : y + TILE, x : x + TILE] for y in rows for x in columns]


def bare_loop(model, threads):
    """A function that runs ready tensors so many times, with the faster of two settings of threads."""
    sessions = []
    for spinning in ("1", "0"):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", spinning)
        sessions.append(
            onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        )
    name = sessions[0].get_inputs()[0].name
    generator = np.random.default_rng(1)
    tiles = [generator.random((1, 3, TILE, TILE), dtype=np.float32) for _ in range(4)]

    def run(count):
        times = []
        for session in sessions:
            started = time.perf_counter()
            for i in range(count):
                session.run(None, {name: tiles[i % len(tiles)]})
            times.append(time.perf_counter() - started)
        return min(times) * 1000

    run(2)
    return run


def answer(bare, count):
    """`bare(tiles)` answers milliseconds; `count()` the number of tiles that one photo makes."""
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["what"] == "bare":
            reply = {"ms": bare(request["tiles"]), "tiles": request["tiles"]}
        else:
            started = time.perf_counter()
            tiles = sum(count() for _ in range(request["times"]))
            reply = {"ms": (time.perf_counter() - started) * 1000, "tiles": tiles}
        print(json.dumps(reply), flush=True)
