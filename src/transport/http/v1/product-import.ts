/** A catalogue from CSV: all rows are checked before the first is added. It must never know how products are kept. */
import { isUtf8 } from 'node:buffer';
import { tenantRef } from '../../../actors/refs.ts';
import type { ProductInput } from '../../../actors/tenant/protocol.ts';
import { type AnyCall, askOptions } from '../api/api.ts';
import { requireUtf8 } from '../charset.ts';
import { parseCsv } from '../csv.ts';
import { type HttpReply, json } from '../message.ts';
import { type FieldError, Problem, problemOfFault, problemOfIssues } from '../problem.ts';
import { inputOf, newProductId } from './product-input.ts';
import { productBody } from './schemas.ts';

const COLUMNS = ['name', 'price_minor', 'category', 'description', 'aliases', 'stock', 'image_url'] as const;
type Column = (typeof COLUMNS)[number];
const REQUIRED: readonly Column[] = ['name', 'price_minor', 'category'];
/** Between the aliases of one cell. */
const ALIAS_SEPARATOR = '|';
const MAX_ERRORS = 50;
const MAX_WARNINGS = 20;
/**
 * Rows that the shop's one actor is asked about together: it takes them in their order, and few writes make them durable. Waiting for each
 * by itself, a thousand rows take longer than a request may while the shop is busy. Half of the smallest mailbox: customers need the rest.
 */
const ROWS_AHEAD = 8;
/** Of an unknown column, as it is named in a warning. */
const MAX_NAME_CHARS = 60;

/**
 * Columns: name, price_minor, category; optional description, aliases (separated by `|`), stock, image_url. A product that
 * the tenant refuses (a row of this name was imported before, the catalogue is full) is skipped and named with its row; the first row is 1. A column that is none of these is left out and named in `warnings`.
 */
export async function importCatalogue(call: AnyCall): Promise<HttpReply> {
  const { request, deps, tenant } = call;
  if (!/^text\/csv\s*(;|$)/i.test(request.header('content-type'))) throw new Problem('request.unsupported_media_type');
  requireUtf8(request.header('content-type'));
  const { products, warnings } = readRows(request.body, deps.limits.importRows);
  const skipped: { row: number; code: string }[] = [];
  const shop = tenantRef(tenant.tenantId, tenant.dataShard);
  const add = (product: ProductInput) => {
    const command = { type: 'add_product', productId: newProductId(seedOf(tenant.uuid, product)), product };
    return deps.system.ask(shop, command, askOptions(call));
  };
  for (let first = 0; first < products.length; first += ROWS_AHEAD) {
    const answers = await Promise.all(products.slice(first, first + ROWS_AHEAD).map(add));
    for (const [index, answer] of answers.entries()) {
      if (answer.ok) continue;
      // What was added so far stays; importing the file again skips it.
      if ('fault' in answer) throw problemOfFault(answer.fault);
      skipped.push({ row: first + index + 1, code: answer.refusal.code });
    }
  }
  return json(200, { created: products.length - skipped.length, skipped, ...(warnings.length === 0 ? {} : { warnings }) });
}

/** The name as a reader sees it: the same file again, or a row twice, means the same product. */
function seedOf(tenantUuid: string, { name }: ProductInput): string {
  return `${tenantUuid}:import:${name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')}`;
}

interface Rows {
  readonly products: ProductInput[];
  readonly warnings: readonly FieldError[];
}

/** @throws Problem `request.invalid` that names every bad cell, up to a limit. */
function readRows(body: Buffer, maxRows: number): Rows {
  const rows = isUtf8(body) ? parseCsv(body.toString('utf8'), maxRows + 1) : null;
  if (rows === null) throw invalid([{ path: '', message: `must be CSV in UTF-8 with at most ${maxRows} rows` }]);
  const [header = [], ...data] = rows;
  const names = header.map((name) => name.trim().toLowerCase());
  const columns = new Map(COLUMNS.map((column) => [column, names.indexOf(column)]));
  const missing = REQUIRED.filter((column) => columns.get(column) === -1);
  if (missing.length > 0) throw invalid([{ path: 'header', message: `lacks ${missing.join(', ')}` }]);
  const repeated = COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (repeated.length > 0) throw invalid([{ path: 'header', message: `repeats ${repeated.join(', ')}` }]);
  if (data.length === 0) throw invalid([{ path: '', message: 'has no rows' }]);
  const errors: FieldError[] = [];
  const products: ProductInput[] = [];
  for (const [index, row] of data.entries()) {
    // A comma that was not quoted moves every cell behind it into a wrong column.
    if (row.length > header.length) errors.push({ path: `rows[${index + 1}]`, message: 'has more cells than the header' });
    const parsed = productBody.safeParse(bodyOf((column) => (row[columns.get(column) as number] ?? '').trim()));
    if (parsed.success) products.push(inputOf(parsed.data));
    else errors.push(...(problemOfIssues(parsed.error, `rows[${index + 1}].`).extras.errors ?? []));
    if (errors.length >= MAX_ERRORS) break;
  }
  if (errors.length > 0) throw invalid(errors.slice(0, MAX_ERRORS));
  return { products, warnings: warningsOf(names) };
}

/** A blank name is a comma too many and says nothing. */
function warningsOf(names: readonly string[]): FieldError[] {
  const known: ReadonlySet<string> = new Set(COLUMNS);
  const unknown = [...new Set(names)].filter((name) => name !== '' && !known.has(name)).slice(0, MAX_WARNINGS);
  return unknown.map((name) => ({
    path: 'header',
    message: `leaves out "${name.slice(0, MAX_NAME_CHARS)}": no column of a catalogue has this name`,
  }));
}

/** Text cells as the JSON body would have them; a cell that is not a number stays text, so that validation names it. */
function bodyOf(cell: (column: Column) => string): Record<string, unknown> {
  return {
    name: cell('name'),
    price_minor: numberOf(cell('price_minor')),
    category: cell('category'),
    description: cell('description') || null,
    aliases: cell('aliases')
      .split(ALIAS_SEPARATOR)
      .map((alias) => alias.trim())
      .filter((alias) => alias !== ''),
    stock: cell('stock') === '' ? null : numberOf(cell('stock')),
    image_url: cell('image_url') || null,
  };
}

function numberOf(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function invalid(errors: readonly FieldError[]): Problem {
  return new Problem('request.invalid', { errors });
}
