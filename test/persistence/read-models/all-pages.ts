/** A list of the read models from its first page to its last. Must never know what it holds. */
import type { Listed } from '../../../src/ports.ts';

export async function allPages<T>(page: (cursor: string | null) => Promise<Listed<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const listed: Listed<T> = await page(cursor);
    items.push(...listed.items);
    cursor = listed.nextCursor;
  }
  return items;
}
