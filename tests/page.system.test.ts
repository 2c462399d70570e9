import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage, type WatchedPage } from './page/browser.ts';
import { type Demo, eventually, startDemo } from './page/demo.ts';
import { contentWidth, goTo, isDrawn, mirrored } from './page/in-page.ts';
import { startRelay } from './page/relay.ts';

const chromium = process.env.DEMETER_TEST_CHROMIUM;
const START_MS = 240_000;

setDefaultTimeout(300_000);

/** Each makes a photo of its own. */
const SENT_BY_DEMO = [
  'tray-of-twenty.jpg',
  'cacti-in-clay.jpg',
  'seedlings-in-plugs.jpg',
  'echeverias-on-gravel.jpg',
  'blurred-tray.jpg',
  'mixed-pots.jpg',
];

interface Map {
  readonly warehouses: readonly {
    readonly areas: readonly {
      readonly id: string;
      readonly polygon: unknown;
      readonly locations: readonly { readonly id: string; name: string; plants: number }[];
    }[];
  }[];
}

interface Detections {
  readonly width: number;
  readonly boxes: readonly number[];
  readonly confidences: readonly number[];
}

describe.skipIf(!chromium)('the page (needs DEMETER_TEST_CHROMIUM)', () => {
  let demo: Demo;
  let browser: Browser;
  let signedIn: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    demo = await startDemo();
    browser = await launchBrowser(chromium!);
    signedIn = await openPage(browser, demo.core);
    page = signedIn.page;
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  }, 240_000);

  const card = (file: string) => page.locator('.card', { hasText: file });
  const openPhoto = async (file: string) => {
    const photo = await demo.counted(file);
    await goTo(page, `#/photos/${photo.photo_id}`);
    await page.locator('.photo-name', { hasText: file }).waitFor();
    return photo;
  };

  test('signs in by a link that works once and leaves no trace in the address', async () => {
    const link = await demo.signInLink();
    await page.goto(link);
    await page.locator('.cards').waitFor();
    expect(page.url()).toBe(`${demo.core}/#/photos`);
    expect(await page.locator('.live-live').textContent()).toBe('Live');
    const { session } = await cookies(page);
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict' });

    const second = await openPage(browser, demo.core);
    await second.page.goto(link);
    const refusal = second.page.getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('This link did not work');
    expect(second.page.url()).not.toContain('sign-in');
    await second.page.context().close();
  });

  test('shows photos with count, place and batch as they are counted, without a reload', async () => {
    const { session, batch } = await demo.counted('tray-of-twenty.jpg');
    const shown = card('tray-of-twenty.jpg');
    await shown.locator('.chip-good').waitFor();
    expect(await shown.locator('.count b').textContent()).toBe(String(session.detected));
    expect(await shown.textContent()).toContain(batch!.code);
    const picture = shown.locator('img');
    await eventually('the thumbnail', () => isDrawn(picture));
  });

  test('draws one box for each plant where it is in the photo', async () => {
    const { photo_id, session } = await openPhoto('tray-of-twenty.jpg');
    const { width, boxes, confidences } = await demo.read<Detections>(
      `/photos/${photo_id}/detections`,
    );
    await page.locator('.box').first().waitFor();
    expect(confidences.length).toBe(session.detected!);
    expect(await page.locator('.box').count()).toBe(confidences.length);

    const image = (await page.locator('.viewer-picture').boundingBox())!;
    const first = (await page.locator('.box').first().boundingBox())!;
    const scale = image.width / width;
    expect(Math.abs(first.x - image.x - boxes[0]! * scale)).toBeLessThan(3);
    expect(Math.abs(first.y - image.y - boxes[1]! * scale)).toBeLessThan(3);

    const median = confidences.toSorted((a, b) => a - b)[Math.floor(confidences.length / 2)]!;
    const least = Math.ceil(median * 100) / 100;
    await page.getByRole('slider').fill(String(least));
    const left = confidences.filter((confidence) => confidence >= least).length;
    expect(await page.locator('.box').count()).toBe(left);
    await page.getByRole('switch').uncheck();
    expect(await page.locator('.box').count()).toBe(0);
  });

  test('zooms by wheel, buttons and keys, and back to the whole photo', async () => {
    await openPhoto('tray-of-twenty.jpg');
    const viewer = page.locator('.viewer');
    const zoom = async () => Number((await viewer.getAttribute('data-zoom')) ?? 1);
    await viewer.hover();
    await page.mouse.wheel(0, -120);
    await eventually('zoom by wheel', async () => (await zoom()) > 1);
    const byWheel = await zoom();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await eventually('zoom by button', async () => (await zoom()) > byWheel);
    const byButton = await zoom();
    await viewer.focus();
    await page.keyboard.press('+');
    await eventually('zoom by key', async () => (await zoom()) > byButton);
    const image = (await page.locator('.viewer-picture').boundingBox())!;
    expect(image.width).toBeGreaterThan((await viewer.boundingBox())!.width * 1.5);
    await page.getByRole('button', { name: 'Show the whole' }).click();
    await eventually('the whole photo', async () => (await zoom()) === 1);
  });

  test('books a photo without a place when a person says where it was taken', async () => {
    // A place is free only once no other photo of the demo is on its way there.
    for (const file of SENT_BY_DEMO) await demo.counted(file);
    const { session } = await openPhoto('mixed-pots.jpg');
    expect(session.state).toBe('needs_location');
    await page.locator('.summary .chip-wait').waitFor();
    const free = (await places()).find(({ plants }) => plants === 0)!;
    await page.getByLabel('Set the place').selectOption(free.id);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.summary .chip-good').waitFor();
    const placed = await demo.counted('mixed-pots.jpg');
    expect(placed.location?.id).toBe(free.id);
    const booked = await demo.read<{ items: { quantity: number }[] }>(
      `/stock/movements?photo_id=${placed.photo_id}`,
    );
    expect(booked.items.map(({ quantity }) => quantity)).toEqual([session.detected!]);
    await page.locator('.photo-side', { hasText: placed.batch!.code }).waitFor();
    expect(await page.locator('.movement-quantity').textContent()).toBe(`+${session.detected}`);
  });

  test('the map shows every place with its plants', async () => {
    await goTo(page, '#/map');
    await page.locator('.map-location').first().waitFor();
    const all = await places();
    expect(all.reduce((sum, { plants }) => sum + plants, 0)).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    expect(await page.locator('.map-location').count()).toBe(all.length);
    for (const { name, plants } of all.filter((place) => place.plants > 0)) {
      const label = `${name}: ${plants} ${plants === 1 ? 'plant' : 'plants'}`;
      await page.getByRole('link', { name: label }).waitFor();
    }
  });

  test('an uploaded photo appears and is counted; a file that is none is refused with a hint', async () => {
    await openPhoto('tray-of-twenty.jpg');
    const buffer = await mirrored(page.locator('.viewer-picture'));
    await goTo(page, '#/photos');
    await page.getByRole('button', { name: 'Upload photos' }).click();
    const file = { name: 'mirrored.jpg', mimeType: 'image/jpeg', buffer };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.upload', { hasText: 'stored' }).waitFor();
    await card('mirrored.jpg').locator('.count b').waitFor();
    const { session } = await demo.counted('mirrored.jpg');
    expect(await card('mirrored.jpg').locator('.count b').textContent()).toBe(
      String(session.detected),
    );

    const text = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') };
    await page.getByRole('button', { name: 'Upload photos' }).click();
    await page.locator('input[type=file]').setInputFiles(text);
    const refusal = page.locator('.upload', { hasText: 'refused' });
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('Send a JPEG, PNG, WebP or HEIC photo.');
    // The browser itself reports the status.
    expect(signedIn.forgive(/\b415\b/)).toBe(1);
  });

  test('says what grows at a place, and what waited for it is booked', async () => {
    const [area] = (await demo.read<Map>('/map')).warehouses[0]!.areas;
    const { id: location_id } = await demo.write<{ id: string }>('POST', '/storage-locations', {
      code: 'NEW-1',
      name: 'New bench',
      storage_area_id: area!.id,
      polygon: area!.polygon,
    });
    const { photo_id } = await demo.counted('mirrored.jpg');
    await demo.write('PUT', `/photos/${photo_id}/location`, { location_id });
    await openPhoto('mirrored.jpg');
    await page.getByRole('heading', { name: 'What grows here' }).waitFor();
    const form = page.locator('section', { has: page.locator('#product-title') });
    await form.getByRole('combobox').selectOption({ index: 1 });
    await form.getByRole('button', { name: 'Save' }).click();
    await page.locator('.summary .chip-good').waitFor();
    const { batch, session } = await demo.counted('mirrored.jpg');
    await page.locator('.photo-side', { hasText: batch!.code }).waitFor();
    expect(await page.locator('.movement-quantity').textContent()).toBe(`+${session.detected}`);
  });

  test('a count that differs from the books is rejected or confirmed by a person', async () => {
    const { batch, location } = await demo.counted('tray-of-twenty.jpg');
    const { photo_id, session } = await demo.counted('mirrored.jpg');
    const adjust = (quantity: number) => ({
      batch_id: batch!.id,
      kind: 'adjustment',
      quantity,
      reason: 'found more',
    });
    const current = () => demo.read<{ quantity_current: number }>(`/stock/batches/${batch!.id}`);
    await demo.write('POST', '/stock/movements', adjust(5));
    const before = (await current()).quantity_current;
    const home = `/photos/${photo_id}/location`;
    await demo.write('PUT', home, { location_id: location!.id });
    await goTo(page, '#/stock');
    const proposal = page.locator('.proposal', { hasText: batch!.code });
    const difference = String(session.detected! - before).replace('-', '−');
    await proposal.waitFor();
    expect(await proposal.locator('.proposal-difference').textContent()).toBe(difference);
    await proposal.getByRole('button', { name: 'Reject' }).click();
    await page.locator('.notice-good', { hasText: `${batch!.code} left as it was.` }).waitFor();
    await proposal.waitFor({ state: 'detached' });
    expect((await current()).quantity_current).toBe(before);

    const { photo_id: other, session: counted } = await demo.counted('cacti-in-clay.jpg');
    await demo.write('PUT', `/photos/${other}/location`, { location_id: location!.id });
    await proposal.getByRole('button', { name: 'Confirm' }).click();
    await page.locator('.notice-good', { hasText: `${batch!.code} corrected.` }).waitFor();
    await proposal.waitFor({ state: 'detached' });
    expect((await current()).quantity_current).toBe(counted.detected!);
    const row = page.locator('tr', { hasText: batch!.code });
    expect(await row.locator('b').textContent()).toBe(String(counted.detected));
  });

  test('the mesh shows memory and models; what the command line changes is seen', async () => {
    await goTo(page, '#/servers');
    const model = page.locator('.server-model', { hasText: 'plants 1' });
    await model.locator('.chip', { hasText: 'ready' }).waitFor();
    expect(await page.locator('.memory-bar').getAttribute('aria-label')).toMatch(/of [\d.]+ GB/);
    await demo.demeter('models', 'pin', 'plants/1');
    await model.locator('.chip', { hasText: 'pinned' }).waitFor();
    await demo.write('PUT', '/models/plants/1/pin', { pinned: false });
    await model.locator('.chip', { hasText: 'pinned' }).waitFor({ state: 'detached' });
  });

  test('a box is added with its code, renamed and removed; the one that sends is in touch', async () => {
    await goTo(page, '#/boxes');
    const sending = page.locator('.edges tr', { hasText: 'demo-edge' });
    await sending.locator('.chip', { hasText: 'In touch' }).waitFor();
    await page.getByLabel('Code', { exact: true }).fill('door-1');
    await page.getByRole('button', { name: 'Add a box' }).click();
    const letters = page.locator('.edge-code-letters');
    await letters.waitFor();
    const code = await letters.textContent();
    expect(code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    const row = page.locator('.edges tr', { hasText: 'door-1' });
    await row.locator('.chip', { hasText: 'Not yet here' }).waitFor();
    await row.getByTitle('Change the name').click();
    await row.getByLabel('Name').fill('By the door');
    await row.getByRole('button', { name: 'Save' }).click();
    await row.locator('.edge-name', { hasText: 'By the door' }).waitFor();
    await row.getByRole('button', { name: 'New code' }).click();
    await eventually('another code', async () => (await letters.textContent()) !== code);
    page.once('dialog', (dialog) => void dialog.accept());
    await row.getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('a new version is sent, tried, counts a photo, and is taken back', async () => {
    const folder = join(import.meta.dir, '../models/plants/1');
    const manifest = { ...(await Bun.file(join(folder, 'manifest.json')).json()), version: '2' };
    const file = demo.file('manifest.json', JSON.stringify(manifest));
    const onnx = join(folder, manifest.file as string);
    await demo.demeter('models', 'upload', 'plants/2', onnx, '--manifest', file);
    await goTo(page, '#/servers');
    const model = page.locator('.server-model', { hasText: 'plants 2' });
    await model.locator('.chip', { hasText: 'ready' }).waitFor();
    // It is loaded again when the first photo needs it.
    await demo.write('POST', '/models/plants/2/unload', {});
    await model.locator('.chip', { hasText: 'not loaded' }).waitFor();
    await demo.demeter('models', 'rollout', 'plants/2', '--canary', '--percent', '100');
    await page.locator('.rollout .chip', { hasText: 'Canary' }).waitFor();

    await openPhoto('cacti-in-clay.jpg');
    const buffer = await mirrored(page.locator('.viewer-picture'));
    await goTo(page, '#/photos');
    await page.getByRole('button', { name: 'Upload photos' }).click();
    const photo = { name: 'on-trial.jpg', mimeType: 'image/jpeg', buffer };
    await page.locator('input[type=file]').setInputFiles(photo);
    const { run } = await demo.counted('on-trial.jpg');
    expect(run).toMatchObject({ pipeline: { version: '2' }, rollout: 'canary' });
    await openPhoto('on-trial.jpg');
    await page.locator('dd', { hasText: 'plants 2, on trial (canary)' }).waitFor();

    await demo.write('POST', '/models/plants/2/rollback', {});
    await goTo(page, '#/servers');
    await page.locator('.rollout .chip', { hasText: 'Rolled back' }).waitFor();
    // The photo keeps the count that was booked.
    expect((await demo.counted('on-trial.jpg')).run).toEqual(run);
  });

  for (const width of [360, 768]) {
    test(`does not scroll sideways at ${width} px, in light and dark`, async () => {
      const { photo_id } = await demo.counted('cacti-in-clay.jpg');
      for (const colorScheme of ['light', 'dark'] as const) {
        const viewport = { width, height: 740 };
        const phone = await openPage(browser, demo.core, { viewport, colorScheme, hasTouch: true });
        await phone.page.goto(await demo.signInLink());
        await phone.page.locator('.card').first().waitFor();
        const photo = `#/photos/${photo_id}`;
        for (const hash of ['#/photos', photo, '#/map', '#/stock', '#/servers', '#/boxes']) {
          await goTo(phone.page, hash);
          await phone.page.locator('main :is(.panel, .card):visible').first().waitFor();
          expect({ hash, width: await contentWidth(phone.page) }).toEqual({ hash, width });
        }
        expect(phone.faults).toEqual([]);
        await phone.page.context().close();
      }
    });
  }

  test('says when the line is lost, comes back by itself and reads what it missed', async () => {
    const relay = await startRelay(demo.core);
    const other = await openPage(browser, relay.url);
    const link = await demo.signInLink();
    await other.page.goto(link.replace(demo.core, relay.url));
    await other.page.locator('.live-live').waitFor();
    relay.cut();
    await other.page.locator('.live-lost').waitFor();
    const read = other.page.waitForResponse((response) => response.url().includes('/photos?'));
    relay.mend();
    await other.page.locator('.live-live').waitFor();
    expect((await read).status()).toBe(200);
    await other.page.context().close();
    relay.stop();
  });

  test('signing out ends the session', async () => {
    const before = await cookies(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const { session } = await cookies(page);
    expect(before.session?.value).toBeTruthy();
    expect(session?.value ?? '').toBe('');
  });

  test('asked no other host for anything and logged no error', () => {
    expect(signedIn.faults).toEqual([]);
  });

  async function places() {
    const { warehouses } = await demo.read<Map>('/map');
    return warehouses.flatMap(({ areas }) => areas.flatMap(({ locations }) => locations));
  }
});

async function cookies(page: Page) {
  const all = await page.context().cookies();
  return { session: all.find(({ name }) => name === 'demeter_session') };
}
