/**
 * Which versions of models the box holds, and which of them count, as rules without I/O. A version
 * is held once it has served, of each model the last two.
 */

/** Model name → versions that are held, the one to be used first. */
export type HeldModels = Readonly<Record<string, readonly string[]>>;
/** Model name → version, as a manifest names them. */
export type WantedModels = Readonly<Record<string, string>>;

/** Of pieces of a manifest; `models/NAME/VERSION/FILE`, and others that are none. */
export function wantedModels(pieces: readonly { readonly name: string }[]): WantedModels {
  const parts = pieces.map(({ name }) => name.split('/')).filter(({ length }) => length === 4);
  return Object.fromEntries(parts.map(([, name = '', version = '']) => [name, version]));
}

/** These have served. */
export function hold(held: HeldModels, wanted: WantedModels): HeldModels {
  const first = Object.entries(wanted).map(([name, version]) => {
    const others = (held[name] ?? []).filter((one) => one !== version);
    return [name, [version, ...others].slice(0, 2)] as const;
  });
  return { ...held, ...Object.fromEntries(first) };
}

export interface Retreat {
  readonly from: WantedModels;
  /** Of the version that is in force again. */
  readonly to: WantedModels;
  /** What it is left for may come back: its files stay. */
  readonly again: boolean;
}

/** After a version was left: what it alone had wanted is held no more. */
export function retreat(held: HeldModels, { from, to, again }: Retreat): HeldModels {
  const isLeft = (name: string, version: string) =>
    !again && from[name] === version && to[name] !== version;
  const rest = Object.entries(held).map(([name, versions]) => {
    const kept = versions.filter((version) => !isLeft(name, version));
    const good = kept.filter((version) => version === to[name]);
    return [name, [...good, ...kept.filter((version) => version !== to[name])]] as const;
  });
  return Object.fromEntries(rest);
}

/** What may count: of models that nobody names, whatever the count server answers by itself. */
export function usable(held: HeldModels, wanted: WantedModels): HeldModels {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, held[name] ?? []]));
}
