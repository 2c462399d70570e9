"""Roboflow's inference-models on the tiles of a photo: `roboflow_infer.py MODEL PHOTO THREADS`."""

import ast
import json
import os
import sys
import tempfile

import cv2
import onnxruntime
import torch
from common import answer, bare_loop, cut
from inference_models.models.yolov8.yolov8_object_detection_onnx import YOLOv8ForObjectDetectionOnnx

model, photo, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)

# The package that Roboflow's own registry would have made of this file.
package = tempfile.mkdtemp()
os.symlink(model, os.path.join(package, "weights.onnx"))
metadata = onnxruntime.InferenceSession(model).get_modelmeta().custom_metadata_map
with open(os.path.join(package, "class_names.txt"), "w") as names:
    names.write("\n".join(ast.literal_eval(metadata["names"]).values()))
with open(os.path.join(package, "inference_config.json"), "w") as config:
    size = {"height": 640, "width": 640}
    network_input = {
        "training_input_size": size,
        "dynamic_spatial_size_supported": False,
        "color_mode": "rgb",
        "resize_mode": "letterbox",
        "padding_value": 114,
        "input_channels": 3,
        "scaling_factor": 255,
    }
    json.dump(
        {
            "network_input": network_input,
            "forward_pass": {"static_batch_size": 1},
            "post_processing": {"type": "nms", "fused": False},
        },
        config,
    )
detector = YOLOv8ForObjectDetectionOnnx.from_pretrained(
    package, onnx_execution_providers=["CPUExecutionProvider"], device=torch.device("cpu")
)


def count():
    tiles = cut(cv2.imread(photo))
    for tile in tiles:
        detector(tile, confidence=0.25, iou_threshold=0.45, input_color_format="bgr")
    return len(tiles)


count()
answer(bare_loop(model, threads), count)
