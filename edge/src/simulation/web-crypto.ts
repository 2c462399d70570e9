/**
 * WebCrypto works in other threads: when it answers is decided by the machine, not by a seed. Here
 * its calls are made one after the other, and virtual time stands still until the last has
 * answered. The signatures themselves are checked for real.
 */

let tail: Promise<unknown> = Promise.resolve();
let pending = 0;

type AsyncMethod = (...args: never[]) => Promise<unknown>;

function serialise(name: 'verify' | 'importKey'): void {
  const original = crypto.subtle[name].bind(crypto.subtle) as AsyncMethod;
  const serialised = (...args: never[]) => {
    pending++;
    const answer = tail.then(() => original(...args)).finally(() => pending--);
    tail = answer.catch(() => {});
    return answer;
  };
  Object.defineProperty(crypto.subtle, name, { value: serialised, configurable: true });
}

let installed = false;

/** For the whole process, once. */
export function serialiseWebCrypto(): void {
  if (installed) return;
  installed = true;
  serialise('verify');
  serialise('importKey');
}

/** Resolves when no call is under way. */
export async function webCryptoIdle(): Promise<void> {
  while (pending > 0) await tail;
}

export function webCryptoBusy(): boolean {
  return pending > 0;
}
