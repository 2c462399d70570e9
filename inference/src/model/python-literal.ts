/** What a Python literal can hold here; dicts become Maps because their keys may be numbers. */
export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | ReadonlyMap<string | number, PythonValue>;

const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/**
 * Reads a Python literal such as `{0: 'person', 1: "potter's wheel"}`: exporters write metadata with
 * Python's `str()`, which is no JSON. Throws SyntaxError.
 */
export function parsePythonLiteral(text: string): PythonValue {
  const parser = new Parser(text);
  const value = parser.value();
  parser.end();
  return value;
}

class Parser {
  #at = 0;
  constructor(private readonly text: string) {}

  value(): PythonValue {
    const next = this.#peek();
    if (next === '{') return this.#dict();
    if (next === '[') return this.#sequence('[', ']');
    if (next === '(') return this.#sequence('(', ')');
    if (next === "'" || next === '"') return this.#string();
    const word = /[^\s,:)\]}]+/y;
    word.lastIndex = this.#at;
    const match = word.exec(this.text)?.[0] ?? '';
    this.#at += match.length;
    if (match === 'True' || match === 'False') return match === 'True';
    if (match === 'None') return null;
    const number = Number(match);
    if (match === '' || Number.isNaN(number)) throw this.#error('a value');
    return number;
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#error('the end');
  }

  #dict(): PythonValue {
    const entries = new Map<string | number, PythonValue>();
    this.#take('{');
    while (this.#peek() !== '}') {
      const key = this.value();
      if (typeof key !== 'string' && typeof key !== 'number') throw this.#error('a plain key');
      this.#take(':');
      entries.set(key, this.value());
      if (this.#peek() === ',') this.#take(',');
      else break;
    }
    this.#take('}');
    return entries;
  }

  #sequence(open: string, close: string): PythonValue {
    const items: PythonValue[] = [];
    this.#take(open);
    while (this.#peek() !== close) {
      items.push(this.value());
      if (this.#peek() === ',') this.#take(',');
      else break;
    }
    this.#take(close);
    return items;
  }

  #string(): string {
    const quote = this.text[this.#at++];
    let out = '';
    for (; this.#at < this.text.length; this.#at++) {
      const char = this.text[this.#at];
      if (char === quote) {
        this.#at++;
        return out;
      }
      if (char === '\\') out += ESCAPES[this.text[++this.#at] ?? ''] ?? this.text[this.#at] ?? '';
      else out += char;
    }
    throw this.#error('the closing quote');
  }

  #peek(): string | undefined {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++;
    return this.text[this.#at];
  }

  #take(char: string): void {
    if (this.#peek() !== char) throw this.#error(`"${char}"`);
    this.#at++;
  }

  #error(expected: string): SyntaxError {
    return new SyntaxError(`expected ${expected} at character ${this.#at}`);
  }
}
