import type { TestServer } from './server.ts';

/** No server, but found, named and left out like one: a program that one of Debian's packages has. */
function debianTool(
  name: string,
  variable: string,
  names: readonly [string, ...string[]],
): TestServer {
  const find = () => names.map((one) => Bun.which(one)).find((path) => path !== null);
  const [debian] = names;
  return {
    name,
    variables: [variable],
    packages: [debian],
    isInstalled: () => find() !== undefined,

    async start() {
      const path = find();
      if (!path) throw new Error(`apt-get install ${debian} (as root)`);
      return { variables: { [variable]: path }, stop: async () => {} };
    },
  };
}

export const chromium = debianTool('Chromium', 'DEMETER_TEST_CHROMIUM', [
  'chromium',
  'chromium-browser',
  'google-chrome',
]);

/** Makes calls of a program fail, and counts them. */
export const strace = debianTool('strace', 'DEMETER_TEST_STRACE', ['strace']);

/** Shows a program another time than there is. */
export const faketime = debianTool('faketime', 'DEMETER_TEST_FAKETIME', ['faketime']);
