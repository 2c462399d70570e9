"""Speaks to a server as Triton's own client does, and prints what it found as JSON.

`triton_client.py ADDRESS MODELS_FOLDER`
"""

import json
import pathlib
import queue
import sys

import grpc
import numpy as np
import onnxruntime
import tritonclient.grpc as triton
from google.rpc import error_details_pb2, status_pb2
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

NAME, VERSION = "mixed", "7"
random = np.random.default_rng(4)


def feeds(n=2):
    return {
        "images": random.random((n, 3, 32, 32), dtype=np.float32),
        "size": np.array([[3, 4], [5, 600_000_000_000]], np.int64)[:n],
    }


def to_inputs(arrays):
    inputs = []
    for name, array in arrays.items():
        datatype = {"float32": "FP32", "int64": "INT64", "uint8": "UINT8"}[str(array.dtype)]
        tensor = triton.InferInput(name, array.shape, datatype)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    return inputs


def compare(result, arrays, session):
    """Largest difference of each output from onnxruntime's."""
    names = [output.name for output in session.get_outputs()]
    expected = dict(zip(names, session.run(names, arrays)))
    differences = {}
    for output in result.get_response().outputs:
        got = result.as_numpy(output.name)
        want = expected[output.name]
        assert got.dtype == want.dtype == triton_to_np_dtype(output.datatype), output
        assert got.shape == want.shape, output
        differences[output.name] = float(np.abs(got.astype(float) - want.astype(float)).max())
    return differences


def failure(call):
    try:
        call()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    return None


def error_details(address):
    """What google.rpc says of a failed call, read by Google's own classes."""
    stub = service_pb2_grpc.GRPCInferenceServiceStub(grpc.insecure_channel(address))
    try:
        stub.ModelMetadata(service_pb2.ModelMetadataRequest(name="nobody"))
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
        info = error_details_pb2.ErrorInfo()
        assert status.details[0].Unpack(info)
        return {
            "code": status.code,
            "reason": info.reason,
            "domain": info.domain,
            "field": info.metadata["field"],
        }


def stream(client, requests, headers=None):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)), headers=headers)
    for request_id, inputs in requests:
        client.async_stream_infer(NAME, inputs, request_id=request_id)
    found = []
    for _ in requests:
        result, error = answers.get(timeout=60)
        if error is not None:
            found.append({"error": error.message(), "status": error.status()})
            continue
        response = result.get_response()
        final = response.parameters["triton_final_response"].bool_param
        found.append({"id": response.id, "final": final})
    client.stop_stream()
    return found


def main(address, models):
    session = onnxruntime.InferenceSession(pathlib.Path(models, NAME, VERSION, "mixed.onnx"))
    plants = onnxruntime.InferenceSession(pathlib.Path(models, "plants", "1", "plants.onnx"))
    client = triton.InferenceServerClient(address)
    found = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready(NAME),
        "unknown_ready": client.is_model_ready("nobody"),
        "server": client.get_server_metadata(as_json=True),
        "metadata": client.get_model_metadata(NAME, as_json=True),
        "config": client.get_model_config(NAME, as_json=True)["config"],
        "index": client.get_model_repository_index(as_json=True)["models"],
    }

    arrays = feeds()
    wanted = [triton.InferRequestedOutput(name) for name in ("area", "vector")]
    result = client.infer(NAME, to_inputs(arrays), outputs=wanted, request_id="seven")
    response = result.get_response()
    found["infer"] = {
        "id": response.id,
        "version": response.model_version,
        "outputs": [output.name for output in response.outputs],
        "differences": compare(result, arrays, session),
    }
    found["all_outputs"] = compare(client.infer(NAME, to_inputs(arrays)), arrays, session)

    photo = {"images": random.random((1, 3, 320, 320), dtype=np.float32)}
    found["plants"] = compare(client.infer("plants", to_inputs(photo)), photo, plants)

    answers = queue.Queue()
    many = [feeds(1) for _ in range(20)]
    for index, each in enumerate(many):
        callback = lambda result, error, index=index: answers.put((index, result, error))
        client.async_infer(NAME, to_inputs(each), callback)
    worst = 0.0
    for _ in many:
        index, result, error = answers.get(timeout=60)
        assert error is None, error
        worst = max(worst, *compare(result, many[index], session).values())
    found["async"] = worst

    bad = to_inputs({"images": arrays["images"].astype(np.uint8), "size": arrays["size"]})
    good = to_inputs(feeds(1))
    found["stream"] = stream(client, [("a", good), ("b", bad), ("c", good)])
    found["strict_stream"] = stream(client, [("a", bad)], {"triton_grpc_error": "true"})

    statistics = client.get_inference_statistics(NAME, as_json=True)["model_stats"]
    found["statistics"] = statistics
    wrong_shape = to_inputs({"images": arrays["images"][:, :, :16], "size": arrays["size"]})
    missing = to_inputs({"images": arrays["images"]})
    output = [triton.InferRequestedOutput("nothing")]
    found["failures"] = {
        "dtype": failure(lambda: client.infer(NAME, bad)),
        "shape": failure(lambda: client.infer(NAME, wrong_shape)),
        "missing": failure(lambda: client.infer(NAME, missing)),
        "output": failure(lambda: client.infer(NAME, good, outputs=output)),
        "model": failure(lambda: client.infer("nobody", good)),
        "version": failure(lambda: client.get_model_metadata(NAME, "99")),
        "late": failure(lambda: client.infer("plants", to_inputs(photo), timeout=1000)),
        "shared_memory": failure(client.get_system_shared_memory_status),
        "trace": failure(client.get_trace_settings),
        "load": failure(lambda: client.load_model("nobody")),
    }

    found["details"] = error_details(address)

    client.unload_model(NAME)
    found["unloaded"] = {
        "ready": client.is_model_ready(NAME),
        "index": client.get_model_repository_index(as_json=True)["models"],
    }
    client.load_model(NAME)
    found["loaded_again"] = client.is_model_ready(NAME)
    found["after_load"] = compare(client.infer(NAME, to_inputs(arrays)), arrays, session)
    client.close()
    print(json.dumps(found))


main(*sys.argv[1:])
