"""Ultralytics' predict on the tiles of a photo: `ultralytics_predict.py MODEL PHOTO THREADS`."""

import sys

import cv2
import torch
from common import answer, bare_loop, cut
from ultralytics import YOLO

model, photo, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
detector = YOLO(model, task="detect")


def count():
    tiles = cut(cv2.imread(photo))
    for tile in tiles:
        detector.predict(tile, imgsz=640, conf=0.25, iou=0.45, device="cpu", verbose=False)
    return len(tiles)


count()
answer(bare_loop(model, threads), count)
