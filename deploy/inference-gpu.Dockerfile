# syntax=docker/dockerfile:1
# Inference on NVIDIA GPUs (x64). ONNX Runtime's CUDA provider is not in the npm package: the
# package's own script fetches it from NuGet (Microsoft.ML.OnnxRuntime.Gpu.Linux of the same
# version, three libraries) and puts it beside libonnxruntime.so.1. It wants CUDA 12 and cuDNN 9.
FROM oven/bun:1.4.5 AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY proto/package.json proto/
COPY common/package.json common/
COPY migrations/package.json migrations/
COPY core/package.json core/
COPY edge/package.json edge/
COPY inference/package.json inference/
COPY web/package.json web/
COPY cli/package.json cli/
COPY tests/package.json tests/
COPY bench/package.json bench/
RUN bun install --frozen-lockfile --production --filter @demeter/inference \
  && cd node_modules/.bun/onnxruntime-node@*/node_modules/onnxruntime-node \
  && bun script/install.js --onnxruntime-node-install=cuda12 \
  && rm -rf bin/napi-v6/darwin bin/napi-v6/win32 bin/napi-v6/linux/arm64 \
  && test -s bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so

FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04
COPY --from=packages /usr/local/bin/bun /usr/local/bin/bun
COPY --from=packages /app /app
WORKDIR /app
COPY proto proto
COPY common common
COPY inference inference
COPY models/plants models/plants
COPY deploy/healthy.ts deploy/with-settings.sh deploy/
ENV ORT_DISABLE_TELEMETRY=1
EXPOSE 9001 9101
ENTRYPOINT ["/app/deploy/with-settings.sh", "inference"]
CMD ["bun", "inference/src/supervisor-main.ts"]
