/** Writes `gen/` from the `.proto` files: `bun proto/generate.ts`. `bun run check` fails on a difference. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const target = process.argv[2] ?? `${root}gen`;

await rm(target, { recursive: true, force: true });
// The flags say the same as loader-options.ts.
await Bun.$`bun x proto-loader-gen-types --keepCase --longs=String --enums=String --defaults --oneofs --grpcLib=@grpc/grpc-js --targetFileExtension=.ts --importFileExtension=.ts --includeDirs=. --outDir=${target} demeter/v1/mesh.proto demeter/v1/models.proto demeter/v1/registry.proto demeter/v1/reprocess.proto inference/open_inference.proto`.cwd(
  root,
);
