import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { startFaultCore } from '../_fault-core.ts';
import {
  briskClock,
  getPhoto,
  postPhoto,
  testPhoto,
  toPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { sendPhoto } from '../admin/send.ts';
import { policyCounts, sendAnyway } from '../buffer/kept.ts';
import type { ReasonCode, Verdict } from '../judge/verdict.ts';
import { Tuning } from '../tuning.ts';
import { applyPolicy, laneOf } from './apply.ts';
import type { StandIn } from './stand-ins.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

type Kept = Parameters<Parameters<typeof withEdge>[1]>[0] & { readonly dataFolder: string };

function verdict(result: Verdict['result'], ...codes: ReasonCode[]): Verdict {
  const reasons = codes.map((code) => ({ code, score: null, threshold: null, sentence: '' }));
  return { result, reasons, scores: {}, near_duplicate_of: null };
}

describe('the policy for a verdict', () => {
  const { policies } = new Tuning();

  test('unasked everything is sent: good photos now, the others later', () => {
    expect(applyPolicy(verdict('good'), policies)).toEqual({ name: 'good', forward: 'now' });
    for (const other of [
      verdict('poor', 'blurred', 'too_small'),
      verdict('good', 'near_duplicate'),
      verdict('undecodable', 'undecodable'),
    ]) {
      expect(applyPolicy(other, policies).forward).toBe('later');
      expect(laneOf(applyPolicy(other, policies))).toBeGreaterThan(
        laneOf(applyPolicy(verdict('good'), policies)),
      );
    }
  });

  test('of several reasons the most generous counts, then the one that keeps longest', () => {
    const own = new Tuning({
      policies: {
        poor: { forward: 'hold', keep_days: 9 },
        blurred: { forward: 'thumbnail', keep_days: 30 },
        too_dark: { forward: 'thumbnail' },
        obstructed: { forward: 'now' },
      },
    }).policies;
    const name = (...codes: ReasonCode[]) => applyPolicy(verdict('poor', ...codes), own).name;
    expect(name('blurred', 'too_small')).toBe('blurred');
    expect(name('too_small')).toBe('poor');
    expect(name('blurred', 'too_dark')).toBe('too_dark');
    expect(name('blurred', 'obstructed', 'too_dark')).toBe('obstructed');
  });

  test('a photo that nobody has looked at is never kept back', () => {
    const own = new Tuning({ policies: { good: { forward: 'hold' } } }).policies;
    expect(applyPolicy(null, own).forward).toBe('now');
    expect(applyPolicy(verdict('good'), own).forward).toBe('hold');
  });
});

describe('a photo that a policy keeps back', () => {
  const dark = async (seed: number) => {
    const { bytes } = await testPhoto(seed, 640, 480);
    return toPhoto(await sharp(bytes).linear(0.1).jpeg().toBuffer());
  };
  const keeping = (policies: string, use: (edge: Kept) => Promise<void>) =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      await writeFile(path, `data_folder: data\npolicies: ${policies}\n`);
      const dataFolder = join(folder, 'data');
      const env = { DEMETER_EDGE_CONFIG: path };
      await withEdge(env, (edge) => use({ ...edge, dataFolder }), { clock: briskClock });
    });

  test('stays until a person sends it, whatever was found wrong', () =>
    keeping('{ poor: { forward: hold } }', async ({ url, journal }) => {
      const { bytes, sha256 } = await dark(1);
      await postPhoto(url, bytes);
      await until(async () => (await getPhoto(url, sha256)).state === 'rejected_kept', 60_000);
      expect(sendAnyway(journal, sha256, 'ada', 5)).toMatchObject({ state: 'judged', lane: 2 });
      expect(policyCounts(journal)).toEqual([
        { action: 'kept', policy: 'hold', verdict: 'poor', photos: 1 },
        { action: 'sent', policy: 'hold', verdict: 'poor', photos: 1 },
      ]);
      const good = await testPhoto(2, 640, 480);
      await postPhoto(url, good.bytes);
      await until(async () => (await getPhoto(url, good.sha256)).state === 'judged', 60_000);
    }));

  test('is given up when its days are over, counted; sent again it is a photo like others', () =>
    keeping('{ too_dark: { forward: thumbnail, keep_days: 0 } }', async ({ url, journal }) => {
      const { bytes, sha256 } = await dark(3);
      await postPhoto(url, bytes);
      await until(async () => (await getPhoto(url, sha256)).state === 'resolved', 60_000);
      expect(journal.heldBytes()).toBe(0);
      expect(() => sendAnyway(journal, sha256, 'ada', 5)).toThrow('its bytes are gone');
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain(
        'demeter_edge_policy_total{action="resolved",policy="thumbnail",verdict="too_dark"} 1',
      );
      expect(metrics).toContain('queue_size 0');
      const again = await postPhoto(url, bytes);
      expect(again).toMatchObject({ status: 200, body: { state: 'spooled', new: false } });
      await until(
        () => (policyCounts(journal).find((c) => c.action === 'kept')?.photos ?? 0) === 2,
        60_000,
      );
    }));

  test('the centre gets a small picture in its stead, hears of its end, and never the photo', () =>
    withFolder(async (folder) => {
      const core = await startFaultCore();
      const told: StandIn[] = [];
      core.setRoutes(async (request, pathname) => {
        if (pathname !== '/api/v1/edge/stand-ins') return null;
        const body = (await request.json()) as StandIn;
        told.push(body);
        return Response.json({ photo_id: body.sha256, state: body.state });
      });
      const path = join(folder, 'edge.yaml');
      await writeFile(
        path,
        'data_folder: data\npolicies: { too_dark: { forward: thumbnail, keep_days: 0 } }\n',
      );
      const look = async ({ url }: { readonly url: string }) => {
        const { bytes, sha256 } = await dark(4);
        await postPhoto(url, bytes);
        await until(() => told.length === 2, 60_000);
        expect(told).toMatchObject([
          { sha256, state: 'kept', policy: { name: 'too_dark', forward: 'thumbnail' } },
          { sha256, state: 'resolved', thumbnail: null },
        ]);
        const picture = await sharp(Buffer.from(told[0]?.thumbnail ?? '', 'base64')).metadata();
        expect(picture).toMatchObject({ format: 'webp', width: 480 });
        expect((await getPhoto(url, sha256)).state).toBe('resolved');
        expect(core.objects.size).toBe(0);
      };
      await withEdge({ ...core.env, DEMETER_EDGE_CONFIG: path }, look, { clock: briskClock });
      core.stop();
    }));

  test('is sent by a command beside the running edge', () =>
    keeping('{ poor: { forward: hold } }', async ({ url, journal, dataFolder }) => {
      const { bytes, sha256 } = await dark(5);
      await postPhoto(url, bytes);
      await until(async () => (await getPhoto(url, sha256)).state === 'rejected_kept', 60_000);
      const sent = sendPhoto({ DEMETER_EDGE_DATA: dataFolder }, sha256.slice(0, 10));
      expect(sent).toEqual({ photo_id: sha256, state: 'judged' });
      expect(journal.photo(sha256)).toMatchObject({ state: 'judged', lane: 2 });
      expect(() => sendPhoto({ DEMETER_EDGE_DATA: dataFolder }, 'ffffffff')).toThrow('no such');
    }));
});
