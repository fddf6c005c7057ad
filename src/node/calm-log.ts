/**
 * Keeps a log readable while the same goes wrong a thousand times a second: the first lines with one text pass, further ones are
 * counted and told together. It must never know what a line means.
 *
 * Modes of a text: `open` (entered by its first line, left by `LINES_PASSED` of them), `counted` (left, like `open`, at the end of a
 * span in which nothing was withheld; then the text is forgotten).
 */
import type { Log } from '../observability/log.ts';

const LINES_PASSED = 5;
/** One line about all that was withheld in so long. */
const SPAN_MS = 30_000;
/** Texts are written in the program and few. Should one hold a changing part, its lines pass uncounted once there are so many. */
const TEXTS_MAX = 256;
const CALMED = ['warn', 'error'] as const;

type After = (ms: number, task: () => void) => void;

interface Told {
  passed: number;
  withheld: number;
  /** The newest one that was withheld. */
  facts: unknown;
}

/** @returns a log like the one given, whose warnings and errors with the same text are told `withheld` together from the sixth on. */
export function calm(log: Log, after: After = afterUnwaited): Log {
  const calmed = Object.create(log) as Log;
  for (const level of CALMED) {
    const pass = log[level].bind(log) as (...line: readonly unknown[]) => void;
    const texts = new Map<string, Told>();
    const write = (...line: readonly unknown[]): void => {
      const text = line.find((part) => typeof part === 'string') ?? '';
      const told = texts.get(text);
      if (told === undefined) {
        if (texts.size < TEXTS_MAX) begin(texts, text, pass, after);
        pass(...line);
      } else if (told.passed < LINES_PASSED) {
        told.passed++;
        pass(...line);
      } else {
        told.withheld++;
        told.facts = line[0];
      }
    };
    calmed[level] = write as Log[typeof level];
  }
  return calmed;
}

function begin(texts: Map<string, Told>, text: string, pass: (...line: readonly unknown[]) => void, after: After): void {
  const told: Told = { passed: 1, withheld: 0, facts: null };
  texts.set(text, told);
  const endSpan = (): void => {
    if (told.withheld === 0) {
      texts.delete(text);
      return;
    }
    pass({ ...factsOf(told.facts), withheld: told.withheld }, text);
    told.withheld = 0;
    told.facts = null;
    after(SPAN_MS, endSpan);
  };
  after(SPAN_MS, endSpan);
}

function factsOf(first: unknown): object {
  if (first instanceof Error) return { err: first };
  return typeof first === 'object' && first !== null ? first : {};
}

function afterUnwaited(ms: number, task: () => void): void {
  setTimeout(task, ms).unref();
}
