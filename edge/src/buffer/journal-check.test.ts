import { expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { silent } from '../_testing.ts';
import { withPlace } from './_with-spool.ts';
import { JournalDamaged } from './journal.ts';
import { checkBeside } from './journal-check.ts';

/** A check that answers so, or never; `ended` says how often it was ended. */
function checkOf(answer?: Promise<string>) {
  const ended = { times: 0 };
  const said = answer ?? new Promise<string>(() => {});
  const end = () => {
    ended.times++;
  };
  return { ended, begin: () => ({ said, end }) };
}

test('a check of the journal that does not end keeps no start from its end', () =>
  withPlace(async ({ journal }) => {
    const { ended, begin } = checkOf();
    await checkBeside(journal, 'journal.sqlite', silent, { limitMs: 1, begin });
    expect(ended.times).toBe(1);
  }));

test('one that cannot be made beside is made here; one that finds damage says so', () =>
  withPlace(async ({ journal }) => {
    const failing = checkOf(Promise.reject(new Error('no such program')));
    await checkBeside(journal, 'journal.sqlite', silent, { begin: failing.begin });
    expect(failing.ended.times).toBe(1);
    const { begin } = checkOf(Promise.resolve('damaged'));
    const error = await rejection(checkBeside(journal, 'journal.sqlite', silent, { begin }));
    expect(error).toBeInstanceOf(JournalDamaged);
  }));
