import { findGoProgram, type GoProgram, goProgram } from './go-program.ts';
import type { TestServer } from './server.ts';

const TOXIPROXY: GoProgram = {
  name: 'toxiproxy-server',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  version: 'v2.5.0',
  command: 'server',
  minutes: 'half a minute',
};

/** Path of the program; it is built where this machine does not have it. */
export async function toxiproxyBinary(): Promise<string> {
  return await goProgram(TOXIPROXY);
}

/** The program that makes a link slow, dead or flapping; a test of links starts its own. */
export const toxiproxy: TestServer = {
  name: 'Toxiproxy',
  variables: ['DEMETER_TEST_TOXIPROXY'],
  packages: [],
  isInstalled: () => findGoProgram(TOXIPROXY) !== undefined,

  async start() {
    const path = await toxiproxyBinary();
    return { variables: { DEMETER_TEST_TOXIPROXY: path }, stop: async () => {} };
  },
};
