/** For tests: certificates for `localhost`, made by openssl. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';

export const openssl = Bun.which('openssl');
if (!openssl) console.warn('left out: TLS, which needs openssl to make certificates');

const REQUEST = 'openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

function run(folder: string, command: string): void {
  const { success, stderr } = Bun.spawnSync(['sh', '-ec', command], { cwd: folder });
  if (!success) throw new Error(`${command}: ${stderr.toString()}`);
}

/** `<name>.pem` and `<name>.key` of an authority. */
export function makeAuthority(folder: string, name: string): void {
  run(folder, `${REQUEST} -x509 -days 2 -keyout ${name}.key -out ${name}.pem -subj /CN=${name}`);
}

/** `<name>.pem` and `<name>.key`, signed by the authority; expired where `days` is below 0. */
export function makeCertificate(
  folder: string,
  { name, authority, days = 2 }: { name: string; authority: string; days?: number },
): void {
  const sign = `openssl x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key`;
  run(folder, `${REQUEST} -keyout ${name}.key -out ${name}.csr -subj /CN=localhost`);
  run(folder, `printf 'subjectAltName=DNS:localhost' > ${name}.san`);
  run(folder, `${sign} -days ${days} -extfile ${name}.san -out ${name}.pem`);
}

/** Puts one file in another's place, as those who renew certificates do. */
export function replace(folder: string, name: string, by: string): void {
  run(folder, `cp ${by} ${by}.new`);
  renameSync(join(folder, `${by}.new`), join(folder, name));
}
