"""MLServer with an ONNX runtime of its own, over gRPC with raw tensors and four clients:
`mlserver_tensors.py MODEL TILES THREADS`. TILES holds ready float32 tensors, so that neither decoding
nor cutting nor reading the answer costs it anything."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import grpc
import numpy as np
from common import TILE, answer, bare_loop
from mlserver.grpc import dataplane_pb2 as pb
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub

model, file, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
CLIENTS = 4
START_S = 120


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


folder = tempfile.mkdtemp()
ports = {"http_port": free_port(), "grpc_port": free_port(), "metrics_port": free_port()}
settings = {"host": "127.0.0.1", "parallel_workers": 0, "grpc_max_message_length": -1, **ports}
with open(os.path.join(folder, "settings.json"), "w") as out:
    json.dump(settings, out)
with open(os.path.join(folder, "model-settings.json"), "w") as out:
    parameters = {"uri": model, "extra": {"threads": threads}}
    implementation = "mlserver_runtime.OnnxRuntime"
    json.dump({"name": "yolo", "implementation": implementation, "parameters": parameters}, out)
here = os.path.dirname(os.path.abspath(__file__))
server = subprocess.Popen(
    [sys.executable, "-c", "from mlserver.cli import main; main()", "start", folder],
    env={**os.environ, "PYTHONPATH": here},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
# Ended by the bench: MLServer goes too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    channel = grpc.insecure_channel(f"127.0.0.1:{ports['grpc_port']}", options)
    stub = GRPCInferenceServiceStub(channel)
    deadline = time.monotonic() + START_S
    while True:
        try:
            if stub.ModelReady(pb.ModelReadyRequest(name="yolo")).ready:
                break
        except grpc.RpcError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)

    def request(tile):
        tensor = pb.ModelInferRequest.InferInputTensor(
            name="images", datatype="FP32", shape=[1, 3, TILE, TILE]
        )
        return pb.ModelInferRequest(
            model_name="yolo", inputs=[tensor], raw_input_contents=[tile.tobytes()]
        )

    tensors = np.fromfile(file, dtype="<f4").reshape(-1, 3, TILE, TILE)
    requests = [request(tile) for tile in tensors]
    clients = concurrent.futures.ThreadPoolExecutor(CLIENTS)

    def count():
        list(clients.map(stub.ModelInfer, requests))
        return len(requests)

    count()
    answer(bare_loop(model, threads), count)
finally:
    server.terminate()
