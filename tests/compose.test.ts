/**
 * docker-compose.yml and the Dockerfiles against the code: no engine is needed, and a renamed
 * file, port or setting fails here.
 */
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { SETTINGS, type SettingName } from '@demeter/common/settings';
import { YAML } from 'bun';

const ROOT = join(import.meta.dir, '..');
const PARTS = ['core', 'edge', 'inference'] as const;
type Part = (typeof PARTS)[number];
/** Read by compose itself; decided in deploy/README.md. */
const OF_COMPOSE = ['DEMETER_CORE_PUBLISH', 'DEMETER_EDGE_PUBLISH', 'DEMETER_EDGE_PHOTOS'];

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const compose = YAML.parse(read('docker-compose.yml')) as Compose;
const gpu = YAML.parse(read('docker-compose.gpu.yml')) as Pick<Compose, 'services'>;
const { services } = compose;

/** `${NAME:-default}` as compose fills it in where NAME is unset. */
function filled(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}

/** Settings that deploy/make-secrets.sh and setup.sh write for a part. */
function secretNames(part: Part): string[] {
  const files = part === 'edge' ? ['edge-store', 'edge'] : [part];
  const scripts = read('deploy/make-secrets.sh') + read('deploy/setup.sh');
  const names = files.flatMap((file) => {
    const body = new RegExp(`cat > ${file}\\.env <<END\\n([\\s\\S]*?)\\nEND`).exec(scripts)?.[1];
    return [...(body ?? '').matchAll(/^([A-Z0-9_]+)=/gm)].map((match) => match[1]!);
  });
  return part === 'edge' ? [...names, /`(DEMETER_EDGE_TOKEN)=/.exec(scripts)?.[1] ?? ''] : names;
}

function environmentOf(part: Part): Record<string, string> {
  const entries = Object.entries(services[part]?.environment ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, filled(String(value))]));
}

describe('compose', () => {
  test('has all services, and those that answer have health checks', () => {
    expect(Object.keys(services).sort()).toEqual(
      [
        'core',
        'db',
        'edge',
        'edge-minio',
        'inference',
        'minio',
        'redis',
        'secrets',
        'setup',
      ].sort(),
    );
    for (const name of ['core', 'db', 'edge', 'edge-minio', 'inference', 'minio', 'redis']) {
      expect(services[name]?.healthcheck, name).toBeDefined();
    }
  });

  test('waits only for what is there', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(services[other], `${name} waits for ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(services[other]?.healthcheck).toBeDefined();
      }
      for (const volume of service.volumes ?? []) {
        const source = filled(volume).split(':')[0]!;
        if (!/^[./]/.test(source)) expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  test.each(PARTS)('gives %s only settings that it reads, with values that it takes', (part) => {
    const env = environmentOf(part);
    for (const name of [...Object.keys(env), ...secretNames(part)]) {
      if (name === 'ORT_DISABLE_TELEMETRY') continue;
      expect(Object.keys(SETTINGS), `${part}: ${name}`).toContain(name);
      expect(SETTINGS[name as SettingName].parts as readonly string[], name).toContain(part);
    }
    expect(() => parseConfig(env)).not.toThrow();
  });

  test('takes only variables that are settings or its own', () => {
    const names = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map((match) => match[1]!);
    const unknown = names.filter((name) => !(name in SETTINGS) && !OF_COMPOSE.includes(name));
    expect(unknown).toEqual([]);
  });

  test('publishes the ports that the parts listen on, on loopback', () => {
    const target = (service: string) => filled(services[service]?.ports?.[0] ?? '');
    expect(target('core')).toBe(`127.0.0.1:8000:${SETTINGS.DEMETER_CORE_PORT.default}`);
    expect(target('edge')).toBe(`127.0.0.1:8080:${SETTINGS.DEMETER_EDGE_PORT.default}`);
    const env = { ...environmentOf('core'), ...environmentOf('inference') };
    expect(env.DEMETER_CORE_PORT).toBe(String(SETTINGS.DEMETER_CORE_PORT.default));
    expect(env.DEMETER_INFERENCE_CORE).toBe(`core:${env.DEMETER_CORE_GRPC_PORT}`);
    expect(environmentOf('edge').DEMETER_EDGE_CORE_URL).toBe(
      `http://core:${env.DEMETER_CORE_PORT}`,
    );
  });

  test.each([
    ['core', 'core/src/system/routes.ts', SETTINGS.DEMETER_CORE_PORT.default],
    ['edge', 'edge/src/http/health.ts', SETTINGS.DEMETER_EDGE_PORT.default],
    ['inference', 'inference/src/http/monitor.ts', SETTINGS.DEMETER_INFERENCE_METRICS_PORT.default],
  ] as const)('asks %s for health where it answers', (part, source, port) => {
    const check = services[part]?.healthcheck?.test ?? [];
    expect(existsSync(join(ROOT, check[2]!.replace('/app/', '')))).toBe(true);
    const url = new URL(check[3]!);
    expect(Number(url.port)).toBe(port);
    expect(read(source)).toContain(`'${url.pathname}'`);
  });

  test('the GPU override changes a service that exists and binds its lock folder', () => {
    const { inference } = gpu.services;
    expect(Object.keys(gpu.services)).toEqual(['inference']);
    const locks = inference?.environment?.DEMETER_GPU_LOCK_DIR;
    expect(inference?.volumes?.some((volume) => volume.endsWith(`:${locks}`))).toBe(true);
    expect(() =>
      parseConfig({ ...environmentOf('inference'), ...inference?.environment }),
    ).not.toThrow();
  });
});

describe('images', () => {
  const files = {
    core: 'core',
    edge: 'edge',
    inference: 'inference',
    gpu: 'inference-gpu',
  } as const;
  const packageOf = (folder: string) =>
    JSON.parse(read(join(folder, 'package.json'))) as {
      workspaces?: string[];
      packageManager?: string;
      dependencies?: Record<string, string>;
    };

  test.each(Object.entries(files))(
    '%s: copies what its part needs, and starts what is there',
    (_, name) => {
      const part = name.replace('-gpu', '');
      const text = read(`deploy/${name}.Dockerfile`);
      const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((m) =>
        m[1]!.split(' '),
      );
      for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
      for (const workspace of packageOf('.').workspaces ?? []) {
        expect(copied, 'the lockfile names every workspace').toContain(`${workspace}/package.json`);
      }
      const needed = Object.keys(packageOf(part).dependencies ?? {})
        .map((dependency) => /^@demeter\/(.+)$/.exec(dependency)?.[1])
        .filter((dependency) => dependency !== undefined);
      for (const folder of [part, ...needed]) expect(copied).toContain(folder);
      for (const other of PARTS) if (other !== part) expect(copied).not.toContain(other);
      const command = JSON.parse(/^CMD (.+)$/m.exec(text)![1]!) as string[];
      expect(existsSync(join(ROOT, command[1]!)), command[1]).toBe(true);
    },
  );

  test('run the version of Bun that the project is developed with', () => {
    const version = packageOf('.').packageManager!.replace('bun@', '');
    for (const name of Object.values(files)) {
      expect(read(`deploy/${name}.Dockerfile`)).toMatch(
        new RegExp(`^FROM oven/bun:${version}(-slim)?( |$)`, 'm'),
      );
    }
  });

  test('expose the default ports', () => {
    const exposed = (name: string) => /^EXPOSE (.+)$/m.exec(read(`deploy/${name}.Dockerfile`))?.[1];
    expect(exposed('core')).toBe(
      `${SETTINGS.DEMETER_CORE_PORT.default} ${SETTINGS.DEMETER_CORE_GRPC_PORT.default}`,
    );
    expect(exposed('edge')).toBe(String(SETTINGS.DEMETER_EDGE_PORT.default));
    const inference = `${SETTINGS.DEMETER_INFERENCE_PORT.default} ${SETTINGS.DEMETER_INFERENCE_METRICS_PORT.default}`;
    expect(exposed('inference')).toBe(inference);
    expect(exposed('inference-gpu')).toBe(inference);
  });

  test('setup runs commands that the core’s command line has', () => {
    const lines = read('deploy/setup.sh').matchAll(/\badmin (\w+)/g);
    const commands = [...new Set([...lines].map((m) => m[1]!))];
    expect(commands).toEqual(['migrate', 'init', 'edge']);
    const source = read('core/src/admin.ts');
    for (const command of commands) expect(source).toMatch(new RegExp(`\\b${command}\\b.*[:{]`));
  });
});
