import { expect, test } from 'bun:test';
import type { Disk, DiskFile } from '../buffer/disk.ts';
import { Random } from '../simulation/random.ts';
import { Platter } from '../simulation/simulated-disk.ts';
import { startKeeper } from './_keeper.ts';
import { startSigningCentre } from './_signing-centre.ts';

const dark = (level: number) => ({ thresholds: { dark: level } });

test('a power cut at any step of an apply leaves the old or the new configuration in force', async () => {
  const centre = await startSigningCentre();
  const seen = new Set<number>();
  for (let cutAt = 1; cutAt < 60; cutAt++) {
    const random = new Random(cutAt);
    const honest = { sync: () => true, syncFolder: () => true };
    const platter = new Platter(random, honest, () => {});
    await centre.offer({ version: 1, configuration: dark(1) });
    const first = await startKeeper(centre, '/box', diskOf(platter));
    await first.pull();
    await first.passTrial();
    await centre.offer({ version: 2, configuration: dark(2) });
    const second = await startKeeper(centre, '/box', diskOf(platter, cutAt)).catch(() => null);
    await second?.pull().catch(() => {});
    platter.cutPower();
    const third = await startKeeper(centre, '/box', diskOf(platter));
    const level = third.inForce?.thresholds?.dark ?? 0;
    expect([1, 2]).toContain(level);
    expect(third.refused).toEqual([]);
    seen.add(level);
    await third.pull();
    expect(third.inForce).toEqual(dark(2));
  }
  expect([...seen].sort()).toEqual([1, 2]);
});

/** A disk of which the power goes at the given step, and nothing works after. */
function diskOf(platter: Platter, steps = Number.POSITIVE_INFINITY): Disk {
  let left = steps;
  const step = async <T>(act: () => T): Promise<T> => {
    if (left-- <= 0) throw new Error('the power is gone');
    return act();
  };
  const fileOf = (file: ReturnType<Platter['create']>): DiskFile => ({
    stat: () => step(() => ({ size: file.bytes.length })),
    read: () => step(() => ({ bytesRead: 0 })),
    write: (bytes, offset) =>
      step(() => {
        platter.write(file, bytes.subarray(offset));
        return { bytesWritten: bytes.length - offset };
      }),
    writeFile: (text) => step(() => platter.write(file, Buffer.from(text))),
    sync: () => step(() => platter.sync(file)),
    close: async () => {},
  });
  return {
    create: (path) => step(() => fileOf(platter.create(path))),
    sync: (file) => file.sync(),
    rename: (from, to) => step(() => platter.rename(from, to)),
    remove: (path) => step(() => platter.remove(path)),
    makeFolder: (path) => step(() => platter.makeFolder(path)),
    syncFolder: (path) => step(() => platter.syncFolder(path)),
    list: (path) => step(() => platter.list(path)),
    sizeOf: (path) => step(() => platter.require(path).bytes.length),
    modifiedAt: async () => 0,
    free: async () => 1e9,
    read: async function* (path) {
      yield await step(() => platter.require(path).bytes);
    },
  };
}
