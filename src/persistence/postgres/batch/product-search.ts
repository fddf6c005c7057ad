/** What a search of the catalogue compares: name, category and aliases, folded alike at writing and at asking. Must never know a table. */
import type { Product } from '../../../actors/tenant/protocol.ts';

export type Searched = Pick<Product, 'name' | 'category' | 'aliases'>;

/** Between the parts, so that no word is found across two of them. */
const SEPARATOR = '\n';

/** NFC in lower case, as the program knows it: a database without a locale folds ASCII only. PostgreSQL text cannot hold NUL. */
export function folded(words: string): string {
  return words.normalize('NFC').toLowerCase().replaceAll('\0', '');
}

/** The column `search` of a product. */
export function searchText(product: Partial<Searched>): string {
  return partsOf(product).join(SEPARATOR);
}

/** @param part folded. */
export function isFound(product: Partial<Searched>, part: string): boolean {
  return partsOf(product).some((words) => words.includes(part));
}

function partsOf({ name = '', category = '', aliases = [] }: Partial<Searched>): string[] {
  return [name, category, ...aliases].map(folded);
}
