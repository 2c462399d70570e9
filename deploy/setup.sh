#!/bin/sh
# One-shot job before the core: schema, organisation, buckets; and the first edge's credential and
# cameras, once.
set -eu
cd /app
admin() { bun core/src/admin.ts "$@"; }

admin migrate up
admin init
if [ ! -s /run/demeter/edge.env ]; then
  # Its box is known already where an earlier run was cut off, or the volume is new.
  { admin edge add greenhouse-1 --token --json || admin edge code greenhouse-1 --token --json; } |
    bun -e 'console.log(`DEMETER_EDGE_TOKEN=${JSON.parse(await Bun.stdin.text()).token}`)' > /run/demeter/edge.new
  cat /run/demeter/edge-store.env >> /run/demeter/edge.new
  mv /run/demeter/edge.new /run/demeter/edge.env
fi
if [ ! -s /run/edge/cameras.json ]; then
  bun -e '
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url");
    const hash = (text) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
    const cameras = [
      { code: "camera-1", name: "First camera", key_sha256: hash(key) },
      { code: "shelf", name: "Watched folder", key_sha256: hash(`${key}-shelf`) },
    ];
    await Bun.write("/run/edge/camera-key", key, { mode: 0o600 });
    await Bun.write("/run/edge/cameras.json", JSON.stringify({ cameras }, null, 2));
  '
fi
echo 'To sign in: docker compose run --rm setup bun core/src/admin.ts sign-in-link'
