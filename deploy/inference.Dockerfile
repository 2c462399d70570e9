# syntax=docker/dockerfile:1
# Inference on the CPU: no database client. Context: the project's root.
FROM oven/bun:1.4.5-slim
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
# 220 of onnxruntime-node's 289 MB are for other systems.
RUN bun install --frozen-lockfile --production --filter @demeter/inference \
  && cd node_modules/.bun/onnxruntime-node@*/node_modules/onnxruntime-node/bin/napi-v6 \
  && case "$(uname -m)" in aarch64) other=x64 ;; *) other=arm64 ;; esac \
  && rm -rf darwin win32 "linux/$other"
COPY proto proto
COPY common common
COPY inference inference
COPY models/plants models/plants
COPY deploy/healthy.ts deploy/with-settings.sh deploy/
USER bun
ENV ORT_DISABLE_TELEMETRY=1
EXPOSE 9001 9101
ENTRYPOINT ["/app/deploy/with-settings.sh", "inference"]
CMD ["bun", "inference/src/supervisor-main.ts"]
