import { Database } from 'bun:sqlite';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stamp } from '../../system/pictures.ts';
import { ROOT } from '../../system/program.ts';
import { type Detail, must } from '../fault-case.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera, hashOf } from './camera.ts';
import { DEAD_LINK } from './edge-case.ts';
import type { EdgeSystem } from './edge-system.ts';
import { requireLedger } from './ledger.ts';
import { SPOILT } from './spoilt-photos.ts';

/**
 * Dark and blurred photos are given up as soon as the centre knows of them, bright ones never. That
 * one is like another of the last minute, as many of these are, changes nothing.
 */
const POLICIES = `policies:
  near_duplicate: { forward: hold, keep_days: 0 }
  poor: { forward: hold, keep_days: 0 }
  too_dark: { forward: thumbnail, keep_days: 0 }
  too_bright: { forward: hold }
`;
/** What becomes of a photo, and by which policy. */
const KINDS = [
  { reason: 'too_dark', policy: 'thumbnail', end: 'resolved' },
  { reason: 'blurred', policy: 'hold', end: 'resolved' },
  { reason: 'too_bright', policy: 'hold', end: 'kept' },
  { reason: 'too_bright', policy: 'hold', end: 'sent' },
] as const;
type Kind = (typeof KINDS)[number];

/** A row of the box's audit. */
interface Act {
  readonly sha256: string;
  readonly action: string;
  readonly policy: string;
  readonly verdict: string;
  readonly actor: string;
}

/**
 * Photos that policies keep on the box: nothing is given up of which the centre does not know, and
 * each that is stands in the audit, in the metrics and at the centre.
 */
export async function keptBack(system: EdgeSystem, seed: number, rounds: number): Promise<Detail> {
  const camera = await Camera.create(seed, 'kept-back');
  const file = join(mkdtempSync(join(system.folder, 'kept-back-')), 'edge.yaml');
  writeFileSync(file, POLICIES);
  const box = await system.box('kept-back', { settings: { DEMETER_EDGE_CONFIG: file } });
  await box.start({ env: DEAD_LINK });
  const photos = new Map<string, Kind>();
  for (let round = 0; round < rounds; round++) {
    for (const kind of KINDS) {
      const whole = camera.take();
      camera.forget(whole);
      const spoilt = stamp(await SPOILT[kind.reason](whole), `${kind.end} ${round}`);
      await camera.send(box, spoilt);
      photos.set(hashOf(spoilt), kind);
    }
  }
  const of = (end: Kind['end']) => [...photos].filter(([, kind]) => kind.end === end);
  await untilAll(box, [...photos.keys()], 'rejected_kept');
  const alone = await requireLedger(system, camera, box, { held: true });
  must(alone.held === photos.size, 'a box alone holds all that its policies keep');
  await box.stop();

  await box.start();
  for (const [hash] of of('sent')) await sendAnyway(box, hash);
  const resolved = of('resolved').map(([hash]) => hash);
  await untilAll(box, resolved, 'resolved');
  const acts = auditOf(box);
  await requireCounted(box, acts);
  for (const [hash, kind] of photos) requireActs(hash, kind, acts);
  const given = acts.filter(({ action }) => action === 'resolved').map(({ sha256 }) => sha256);
  const ledger = await requireLedger(system, camera, box, { byPolicy: new Set(given) });
  must(ledger.by_policy === resolved.length, `${ledger.by_policy} photos were given up`);
  must(ledger.held === of('kept').length, `${ledger.held} photos are held`);
  must(ledger.at_centre === of('sent').length, `${ledger.at_centre} photos were sent`);
  for (const [hash, kind] of photos) await requireStandIn(system, hash, kind);
  await box.stop();
  const { by_policy, held, at_centre } = ledger;
  return { by_policy, held, sent_by_a_person: at_centre, acts: acts.length };
}

async function untilAll(box: EdgeBox, hashes: readonly string[], state: string): Promise<void> {
  await until(`photos are ${state}`, async () => {
    const photos = await Promise.all(hashes.map((hash) => box.photo(hash)));
    return photos.every((photo) => photo?.state === state);
  });
}

/** As a person at the box does. */
async function sendAnyway(box: EdgeBox, hash: string): Promise<void> {
  const command = [process.execPath, join(ROOT, 'edge/src/admin.ts'), 'send', hash];
  const child = Bun.spawn(command, { env: box.env, stdout: 'ignore', stderr: 'pipe' });
  const said = await new Response(child.stderr).text();
  must((await child.exited) === 0, `a person cannot send ${hash}: ${said}`);
}

/** The running box's own, in its order. */
function auditOf({ data }: EdgeBox): Act[] {
  using journal = new Database(join(data, 'journal.sqlite'), { readonly: true });
  return journal
    .query<Act, []>('SELECT sha256, action, policy, verdict, actor FROM policy_actions ORDER BY id')
    .all();
}

/** Each act by the photo's policy, and by whom; nothing else. */
function requireActs(hash: string, { policy, end }: Kind, acts: readonly Act[]): void {
  const own = acts.filter(({ sha256 }) => sha256 === hash);
  const wanted = end === 'kept' ? ['kept'] : ['kept', end];
  const actions = own.map(({ action }) => action);
  must(Bun.deepEquals(actions, wanted), `the audit of a photo to be ${end}: ${actions}`);
  must(
    own.every((act) => act.policy === policy),
    `by other policies: ${JSON.stringify(own)}`,
  );
  const by = own.at(-1)?.actor;
  must((end === 'sent') === (by !== 'policy'), `a photo was ${end} by ${by}`);
}

/** `demeter_edge_policy_total` says what the audit says, label by label. */
async function requireCounted(box: EdgeBox, acts: readonly Act[]): Promise<void> {
  const metrics = await box.metrics();
  const groups = Map.groupBy(acts, ({ policy, verdict, action }) =>
    [policy, verdict, action].join(),
  );
  for (const [labels, group] of groups) {
    const [policy, verdict, action] = labels.split(',');
    const line = `demeter_edge_policy_total{action="${action}",policy="${policy}",verdict="${verdict}"}`;
    must(metrics.includes(`${line} ${group.length}\n`), `${line} is not ${group.length}`);
  }
  const total = await box.metric('demeter_edge_policy_total');
  must(total === acts.length, `${total} acts are counted, ${acts.length} were done`);
}

/** Of the centre's list. */
interface StandIn {
  readonly photo_id: string;
  readonly state: string;
  readonly has_thumbnail: boolean;
}

/** The centre has been told, with a small picture where the policy says so; never the photo. */
async function requireStandIn(
  system: EdgeSystem,
  hash: string,
  { policy, end }: Kind,
): Promise<void> {
  const wanted = end === 'sent' ? 'none' : `${end} ${policy === 'thumbnail'}`;
  const noted = async () => {
    const { items } = await system.get<{ items: StandIn[] }>('/stand-ins?limit=100');
    const found = items.find(({ photo_id }) => photo_id === hash);
    return found === undefined ? 'none' : `${found.state} ${found.has_thumbnail}`;
  };
  await until(`the centre knows of a photo that is ${end}`, async () => (await noted()) === wanted);
}
