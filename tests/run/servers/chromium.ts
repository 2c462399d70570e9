import type { TestServer } from './server.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** No server, but found, named and left out like one. */
export const chromium: TestServer = {
  name: 'Chromium',
  variables: ['DEMETER_TEST_CHROMIUM'],
  packages: ['chromium'],
  isInstalled: () => find() !== undefined,

  async start() {
    const path = find();
    if (path === undefined) throw new Error('apt-get install chromium (as root)');
    return { variables: { DEMETER_TEST_CHROMIUM: path }, stop: async () => {} };
  },
};

function find(): string | undefined {
  return NAMES.map((name) => Bun.which(name)).find((path) => path !== null) ?? undefined;
}
