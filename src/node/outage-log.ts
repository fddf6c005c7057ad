/**
 * Tells the operator that the database cannot be written: once at the beginning, now and then while it lasts, and at the end.
 * It only listens, and must never try anything itself.
 *
 * Modes: `fine`; `away` (entered by the first failure, left by the first success).
 */
import type { Log } from '../observability/log.ts';

/** Every attempt fails for the same reason; one line about them in this time is enough. */
const REPEAT_MS = 30_000;

export class OutageLog {
  readonly #log: Pick<Log, 'warn' | 'info'>;
  readonly #monotonicMs: () => number;
  #sinceMs: number | null = null;
  #toldAtMs = 0;
  #toldText = '';

  constructor(log: Pick<Log, 'warn' | 'info'>, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** Passes the outcome of an attempt on. */
  async follow<T>(attempt: Promise<T>): Promise<T> {
    try {
      const value = await attempt;
      this.#worked();
      return value;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    const nowMs = this.#monotonicMs();
    const reason = error instanceof Error ? error.message : 'unknown';
    this.#sinceMs ??= nowMs;
    if (reason === this.#toldText && nowMs - this.#toldAtMs < REPEAT_MS) return;
    this.#toldAtMs = nowMs;
    this.#toldText = reason;
    const code = (error as { code?: unknown } | null)?.code;
    this.#log.warn(
      { reason, ...(typeof code === 'string' ? { code } : {}), awayMs: Math.round(nowMs - this.#sinceMs) },
      'the database cannot be written: webhooks and commands are answered 503 and come again',
    );
  }

  #worked(): void {
    if (this.#sinceMs === null) return;
    this.#log.warn({ awayMs: Math.round(this.#monotonicMs() - this.#sinceMs) }, 'the database can be written again');
    this.#sinceMs = null;
    this.#toldText = '';
  }
}
