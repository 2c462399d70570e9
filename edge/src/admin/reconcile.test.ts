import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { AppError } from '@demeter/common/errors';
import { acquireFileLock } from '@demeter/common/file-lock';
import { rejection } from '@demeter/common/testing';
import { silent, withFolder } from '../_testing.ts';
import { openJournal } from '../buffer/open-journal.ts';
import { noteFailedTry, takeRequest } from '../reconcile/request.ts';
import { reconcile } from './reconcile.ts';

test('whoever asks for a comparison hears at once that the try has failed, of this try alone', () =>
  withFolder(async (folder) => {
    const { journal } = openJournal(folder, silent);
    const held = acquireFileLock(join(folder, 'lock'));
    noteFailedTry(folder, 'an earlier try');
    const env = { DEMETER_EDGE_DATA: folder, DEMETER_EDGE_CORE_URL: 'http://centre.test' };
    const refused = rejection(reconcile(env, 60));
    // In place of the edge.
    expect(takeRequest(folder)).toBe(true);
    noteFailedTry(folder, 'Nobody listens.');
    const error = await refused;
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect((error as AppError).message).toEndWith('http://centre.test now: Nobody listens.');
    held.lock?.release();
    journal.close();
  }));

test.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])(
  '--timeout %d is refused by name',
  async (seconds) => {
    const error = await rejection(reconcile({}, seconds));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field: 'timeout' });
    expect((error as AppError).message).toStartWith('--timeout ');
  },
);
