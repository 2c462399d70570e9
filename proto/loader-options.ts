import type { Options } from '@grpc/proto-loader';

/** How `.proto` files become objects, at run time and in the generated types alike. */
export const LOADER_OPTIONS = {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
} satisfies Options;
