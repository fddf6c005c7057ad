/**
 * The schemas of the contract: JSON Schemas made of zod's. One with an `id` in its metadata is described once, under that name, and
 * referred to from everywhere else, so that generated clients have one type for it. Must never know a route.
 */
import { z } from 'zod';

export type Schema = Record<string, unknown>;

/** Where zod puts the named parts of a schema, and where a contract has them. */
const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';
/** Zod's own name for what calls itself and has no other. */
const NAMELESS = /^__schema\d+$/;

export class SchemaBook {
  readonly #named = new Map<string, { readonly schema: Schema; readonly text: string }>();

  /** What is under `components.schemas`, by name. */
  get components(): Schema {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { schema }]) => [name, schema]));
  }

  /**
   * @param io what is sent in, or what comes out: they differ in defaults and in what may be absent
   * @returns the schema, a reference when it has a name
   * @throws Error when one name means two things, or when something that calls itself has none
   */
  describe(schema: z.ZodType, io: 'input' | 'output'): Schema {
    const {
      $schema: _ours,
      $defs,
      ...made
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
      // Zod drops the default of what it transforms, the one that its metadata names with it: that one is in the spelling of the wire.
      override: ({ zodSchema, jsonSchema }) => {
        const named = z.globalRegistry.get(zodSchema)?.default;
        if (named !== undefined) jsonSchema.default = named as never;
      },
    }) as Schema;
    for (const [name, part] of Object.entries(($defs ?? {}) as Record<string, Schema>)) this.#name(name, part);
    return shared(made) as Schema;
  }

  #name(name: string, { id: _name, ...part }: Schema): void {
    if (NAMELESS.test(name)) throw new Error('a schema that calls itself needs an id: no contract can refer to it');
    const schema = shared(part) as Schema;
    const text = JSON.stringify(schema);
    const known = this.#named.get(name);
    if (known === undefined) this.#named.set(name, { schema, text });
    else if (known.text !== text) throw new Error(`the name ${name} means two different schemas`);
  }
}

/** A copy that refers to the contract's own place for named schemas. */
function shared(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(shared);
  if (typeof part !== 'object' || part === null) return part;
  const whole: Schema = {};
  for (const [key, value] of Object.entries(part))
    whole[key] =
      key === '$ref' && typeof value === 'string' && value.startsWith(LOCAL) ? SHARED + value.slice(LOCAL.length) : shared(value);
  return whole;
}
