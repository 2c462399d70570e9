import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS, type Setting } from '@demeter/common/settings';
import { type Check, ROOT } from './check.ts';

const README = join(ROOT, 'README.md');
const EXAMPLE = join(ROOT, '.env.example');
const TABLE = /(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/;

/** Two documents are made from common/src/settings.ts: the README's table and `.env.example`. */
export const settingsDocuments: Check = {
  name: 'README and .env.example say what common/src/settings.ts says',
  run: async () => {
    const differing = documents().filter(({ path, text }) => read(path) !== text);
    if (differing.length > 0) {
      const names = differing.map(({ path }) => path.slice(ROOT.length + 1)).join(', ');
      throw new Error(`${names} differ: \`bun run check --fix\``);
    }
  },
  fix: async () => {
    for (const { path, text } of documents()) writeFileSync(path, text);
  },
};

function documents(): { path: string; text: string }[] {
  const readme = read(README);
  if (!TABLE.test(readme)) throw new Error('README.md has no <!-- settings --> markers');
  return [
    { path: README, text: readme.replace(TABLE, (_, open, close) => open + renderTable() + close) },
    { path: EXAMPLE, text: renderExample() },
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function renderTable(): string {
  const rows = Object.entries<Setting>(SETTINGS).map(([name, setting]) => {
    const fallback = defaultText(setting);
    const cells = [
      `\`${name}\``,
      setting.parts.length === 3 ? 'all' : setting.parts.join(', '),
      fallback === '' ? '' : `\`${fallback}\``,
      setting.about.replaceAll('|', '\\|') + allowed(setting),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${['| variable | read by | default | what |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

function renderExample(): string {
  const lines = [
    '# Settings of Demeter: copy to .env, which Bun reads, and take away the # where a value differs.',
    '# Made from common/src/settings.ts by `bun run check --fix`.',
  ];
  let section = '';
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const parts = setting.parts.length === 3 ? 'every part' : setting.parts.join(', ');
    if (parts !== section) lines.push('', `# --- ${parts} ---`);
    section = parts;
    lines.push(`# ${setting.about}${allowed(setting)}`, `#${name}=${defaultText(setting)}`);
  }
  return `${lines.join('\n')}\n`;
}

function defaultText(setting: Setting): string {
  return setting.default === undefined ? '' : String(setting.default);
}

function allowed(setting: Setting): string {
  return setting.kind === 'choice' ? ` One of ${setting.choices.join(', ')}.` : '';
}
