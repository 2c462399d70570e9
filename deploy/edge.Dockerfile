# syntax=docker/dockerfile:1
# The edge with its own page: no database client, no ONNX Runtime. Context: the project's root.
FROM oven/bun:1.4.5-slim AS packages
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

FROM packages AS page
RUN bun install --frozen-lockfile --filter @demeter/web
COPY web web
RUN bun web/build.ts

FROM packages AS edge
RUN bun install --frozen-lockfile --production --filter @demeter/edge
COPY proto proto
COPY common common
COPY edge edge
COPY deploy/healthy.ts deploy/with-settings.sh deploy/
COPY --from=page /app/web/box/dist web/box/dist
RUN mkdir -p /data /photos && chown bun:bun /data /photos
USER bun
EXPOSE 8080
VOLUME ["/data"]
ENTRYPOINT ["/app/deploy/with-settings.sh", "edge"]
CMD ["bun", "edge/src/main.ts"]
