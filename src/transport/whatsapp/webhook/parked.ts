/**
 * How a webhook part is put away for a person: what is stored and under which short name, so that the same part
 * delivered again is parked once. Must never interpret it.
 */
import { createHash } from 'node:crypto';

/** Deeper values cannot be written by recursive encoders; no message of Meta comes near. */
const DEPTH_MAX = 100;

interface Parked {
  readonly key: string;
  readonly body: unknown;
}

/** @param post the text that the part came in: kept in its place when the part is nested too deep to be stored. */
export function parked(reason: string, part: unknown, post: string): Parked {
  const body = isDeeperThan(part, DEPTH_MAX) ? post : part;
  const key = createHash('sha256')
    .update(reason)
    .update('\0')
    .update(JSON.stringify(body) ?? '')
    .digest('base64url');
  return { key, body };
}

function isDeeperThan(value: unknown, max: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > max) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const child of Object.values(item)) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return false;
}
