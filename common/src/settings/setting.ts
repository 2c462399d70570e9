/** What a setting is: who reads it, what it may be, and what it is for. */
export type Part = 'core' | 'edge' | 'inference' | 'cli';

interface Common {
  readonly parts: readonly Part[];
  readonly about: string;
  /** Not shown by `doctor`, never logged. */
  readonly secret?: true;
}

export type Setting = Common &
  (
    | { readonly kind: 'string'; readonly default?: string }
    | { readonly kind: 'url'; readonly default?: string }
    | { readonly kind: 'list'; readonly default?: string }
    | {
        readonly kind: 'integer';
        readonly default: number;
        readonly min: number;
        readonly max: number;
      }
    | {
        readonly kind: 'number';
        readonly default: number;
        readonly min: number;
        readonly max: number;
      }
    | { readonly kind: 'boolean'; readonly default: boolean }
    | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
  );

/** A port; 0 takes a free one. */
export const PORT = { min: 0, max: 65_535 } as const;
export const MIB = 1024 * 1024;
