"""SAHI's sliced prediction of a photo, tiles only: `sahi_sliced.py MODEL PHOTO THREADS`."""

import sys

import torch
from common import answer, bare_loop
from sahi import AutoDetectionModel
from sahi.predict import get_sliced_prediction
from sahi.slicing import get_slice_bboxes

model, photo, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
detector = AutoDetectionModel.from_pretrained(
    model_type="ultralytics", model_path=model, confidence_threshold=0.25, device="cpu", image_size=640
)


def count():
    result = get_sliced_prediction(
        photo,
        detector,
        slice_height=640,
        slice_width=640,
        overlap_height_ratio=0.2,
        overlap_width_ratio=0.2,
        perform_standard_pred=False,
        verbose=0,
    )
    return len(
        get_slice_bboxes(result.image_height, result.image_width, 640, 640, False, 0.2, 0.2)
    )


count()
answer(bare_loop(model, threads), count)
