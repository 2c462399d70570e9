# syntax=docker/dockerfile:1
# The core with its page. Context: the project's root.
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

FROM packages AS core
RUN bun install --frozen-lockfile --production --filter @demeter/core --filter @demeter/migrations
COPY proto proto
COPY common common
COPY migrations migrations
COPY core core
COPY deploy/healthy.ts deploy/with-settings.sh deploy/
COPY --from=page /app/web/dist web/dist
USER bun
EXPOSE 8000 8010
ENTRYPOINT ["/app/deploy/with-settings.sh", "core"]
CMD ["bun", "core/src/main.ts"]
