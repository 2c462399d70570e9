import { findGoProgram, type GoProgram, goProgram } from './go-program.ts';
import type { TestServer } from './server.ts';

const GRPCURL: GoProgram = {
  name: 'grpcurl',
  module: 'github.com/fullstorydev/grpcurl/cmd/grpcurl',
  version: 'v1.9.4',
  minutes: '2 minutes',
};

/** No server: somebody else's gRPC client on the command line. */
export const grpcurl: TestServer = {
  name: 'grpcurl',
  variables: ['DEMETER_TEST_GRPCURL'],
  packages: [],
  isInstalled: () => findGoProgram(GRPCURL) !== undefined,

  async start() {
    const path = await goProgram(GRPCURL);
    return { variables: { DEMETER_TEST_GRPCURL: path }, stop: async () => {} };
  },
};
