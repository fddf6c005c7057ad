/**
 * Finds the route of a path: fixed segments before parameters. Own code because the native router's parameters and
 * fallbacks do not work together. Pure; it must never see a request.
 */

interface Node<T> {
  readonly fixed: Map<string, Node<T>>;
  parameter: Node<T> | null;
  pattern: string;
  readonly byMethod: Map<string, T>;
}

export interface Match<T> {
  /** Of the path; parameters as `:name`. */
  readonly pattern: string;
  /** The routes of this path by method; never empty. */
  readonly byMethod: ReadonlyMap<string, T>;
  /** Still percent-encoded, in the pattern's order. */
  readonly values: readonly string[];
}

const NO_VALUES: readonly string[] = [];
/** Deeper paths than any pattern are not even split. */
const MAX_PATH = 2048;

export class Router<T> {
  readonly #root: Node<T> = node();
  /** Paths without parameters are found without splitting. */
  readonly #exact = new Map<string, Match<T>>();

  /** @throws RangeError when method and pattern exist already. */
  add(method: string, pattern: string, route: T): void {
    let at = this.#root;
    for (const segment of pattern.slice(1).split('/')) {
      if (segment.startsWith(':')) {
        at.parameter ??= node();
        at = at.parameter;
      } else {
        const next = at.fixed.get(segment) ?? node<T>();
        at.fixed.set(segment, next);
        at = next;
      }
    }
    if (at.byMethod.has(method)) throw new RangeError(`${method} ${pattern} exists`);
    at.byMethod.set(method, route);
    at.pattern = pattern;
    if (!pattern.includes('/:')) this.#exact.set(pattern, { pattern, byMethod: at.byMethod, values: NO_VALUES });
  }

  /** @returns null for an unknown path; an empty segment is no parameter. */
  match(path: string): Match<T> | null {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    if (path.length > MAX_PATH) return null;
    const values: string[] = [];
    const found = descend(this.#root, path.slice(1).split('/'), 0, values);
    return found === null ? null : { pattern: found.pattern, byMethod: found.byMethod, values };
  }
}

function node<T>(): Node<T> {
  return { fixed: new Map(), parameter: null, pattern: '', byMethod: new Map() };
}

function descend<T>(at: Node<T>, segments: readonly string[], index: number, values: string[]): Node<T> | null {
  if (index === segments.length) return at.byMethod.size === 0 ? null : at;
  const segment = segments[index] as string;
  const fixed = at.fixed.get(segment);
  if (fixed !== undefined) {
    const found = descend(fixed, segments, index + 1, values);
    if (found !== null) return found;
  }
  if (at.parameter === null || segment === '') return null;
  values.push(segment);
  const found = descend(at.parameter, segments, index + 1, values);
  if (found === null) values.pop();
  return found;
}
