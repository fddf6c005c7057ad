/**
 * Schemas of the contract as tables for people: one row a field, a named schema as a link to its own table. Pure text; must never know a
 * route.
 */
import { escapeHtml, proseHtml } from '../escape-html.ts';
import type { Schema } from './openapi-schemas.ts';

const NAMED = '#/components/schemas/';
/** A bound of the number format and none of the field. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;
/** A list of objects says what one of them holds. */
const EACH = '[]';

/** @returns the place of a named schema on the page. */
export function anchorOf(name: string): string {
  return `type-${name}`;
}

/**
 * @returns the fields of a schema as a table; for what has none (a reference, a list of something named, plain text) one line that says
 * what it is. O(size of the schema).
 */
export function schemaHtml(schema: Schema): string {
  const rows = rowsOf(schema, '');
  if (rows.length === 0) return `<p>${typeHtml(schema)}</p>`;
  const lead = isPlainObject(schema) ? '' : `<p>${typeHtml(schema)}</p>`;
  return `${lead}<table class="fields"><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** What a value is, in a few words. */
export function typeHtml(schema: Schema): string {
  const { $ref, enum: values, type, items, prefixItems } = schema;
  if (typeof $ref === 'string') return named($ref);
  if ('const' in schema) return value(schema.const);
  if (Array.isArray(values)) return values.map((one) => value(one)).join(' or ');
  const choices = choicesOf(schema);
  // A choice that narrows only the form of a value has its type beside the choices.
  if (choices.length > 0) return [...new Set(choices.map((choice) => typeHtml({ type, ...choice })))].join(' or ');
  if (Array.isArray(prefixItems)) return `list: ${(prefixItems as Schema[]).map(typeHtml).join(', ')}`;
  if (type === 'array') return `list of ${typeHtml((items ?? {}) as Schema)}`;
  if (type === 'object') return isMap(schema) ? `object, each value ${typeHtml(schema.additionalProperties as Schema)}` : 'object';
  if (Array.isArray(type)) return type.map((one) => escapeHtml(String(one))).join(' or ');
  return typeof type === 'string' ? escapeHtml(typeof schema.format === 'string' ? `${type} (${schema.format})` : type) : 'anything';
}

/** One row a field, those of objects inside under the path to them. */
function rowsOf(schema: Schema, path: string): string[] {
  const choices = choicesOf(schema).filter(hasFields);
  if (choices.length > 0) return choices.flatMap((choice, index) => [...(index === 0 ? [] : [OR]), ...rowsOf(choice, path)]);
  if (schema.type === 'array') return rowsOf((schema.items ?? {}) as Schema, path + EACH);
  if (isMap(schema)) return rowsOf(schema.additionalProperties as Schema, `${path}.*`);
  const required = new Set((schema.required ?? []) as string[]);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  return properties.flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const must = required.has(name) ? '' : ' <small>optional</small>';
    const row = `<tr><td><code>${escapeHtml(at)}</code>${must}</td><td>${typeHtml(field)}</td><td>${notesHtml(field)}</td></tr>`;
    return [row, ...rowsOf(field, at)];
  });
}

const OR = '<tr><td colspan="3"><em>or</em></td></tr>';

/** What is to be known beyond the type: its description, its bounds, what stands for what is left out. */
function notesHtml(schema: Schema): string {
  const notes = [
    ...(typeof schema.description === 'string' ? [proseHtml(schema.description)] : []),
    ...boundNotes(schema),
    ...('default' in schema ? [`${value(schema.default)} unless given`] : []),
  ];
  return notes.join('; ');
}

function boundNotes(schema: Schema): string[] {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const notes = [range(minimum, maximum, ''), range(minLength, maxLength, ' characters'), range(minItems, maxItems, ' entries')];
  if (typeof exclusiveMinimum === 'number') notes.push(`more than ${exclusiveMinimum}`);
  // A format says the same in a word.
  if (typeof pattern === 'string' && schema.format === undefined) notes.push(`matches <code>${escapeHtml(pattern)}</code>`);
  return notes.filter((note) => note !== '');
}

function range(least: unknown, most: unknown, unit: string): string {
  const from = typeof least === 'number' && least > -NO_BOUND ? least : null;
  const to = typeof most === 'number' && most < NO_BOUND ? most : null;
  if (from === null) return to === null ? '' : `at most ${to}${unit}`;
  if (to === null) return `at least ${from}${unit}`;
  return from === to ? `${from}${unit}` : `${from} to ${to}${unit}`;
}

function choicesOf({ anyOf, oneOf }: Schema): Schema[] {
  return ((anyOf ?? oneOf ?? []) as Schema[]).slice();
}

function hasFields(schema: Schema): boolean {
  return rowsOf(schema, '').length > 0;
}

function isPlainObject({ type }: Schema): boolean {
  return type === 'object';
}

/** An object whose keys are data. */
function isMap({ additionalProperties, properties }: Schema): boolean {
  return typeof additionalProperties === 'object' && additionalProperties !== null && properties === undefined;
}

function named(ref: string): string {
  const name = escapeHtml(ref.startsWith(NAMED) ? ref.slice(NAMED.length) : ref);
  return `<a href="#${anchorOf(name)}">${name}</a>`;
}

function value(given: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(given))}</code>`;
}
