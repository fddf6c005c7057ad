/** An instance in the public MDRP format: reads and checks the four tab-separated files. Metres on a plane, minutes. It must never know a policy. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Restaurant extends Point {
  readonly id: string;
}

export interface Order extends Point {
  readonly id: string;
  readonly placementMin: number;
  readonly readyMin: number;
  readonly restaurant: Restaurant;
}

export interface CourierShift extends Point {
  readonly id: string;
  readonly onMin: number;
  readonly offMin: number;
}

export interface InstanceParameters {
  readonly metersPerMinute: number;
  readonly pickupServiceMin: number;
  readonly dropoffServiceMin: number;
  readonly targetClickToDoorMin: number;
  readonly maxClickToDoorMin: number;
  readonly payPerOrder: number;
  readonly guaranteedPayPerHour: number;
}

export interface Instance {
  /** By placement, then by id. */
  readonly orders: readonly Order[];
  readonly couriers: readonly CourierShift[];
  readonly restaurants: readonly Restaurant[];
  readonly parameters: InstanceParameters;
}

const INSTANCE_FILES = ['orders.txt', 'couriers.txt', 'restaurants.txt', 'instance_parameters.txt'] as const;
/** A day of a large city has some thousands of lines. */
const LINES_MAX = 100_000;
/** Beyond this a plane is no city. */
const COORDINATE_MAX_M = 1_000_000;
const MINUTE_MAX = 100_000;

/** Where and what a file says that cannot be. */
export class InstanceError extends Error {
  constructor(file: string, line: number | null, problem: string) {
    super(`${file}${line === null ? '' : `:${line}`}: ${problem}`);
    this.name = 'InstanceError';
  }
}

interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** @throws InstanceError naming the file and line for one that is missing, empty, or says what cannot be. */
export function readInstance(folder: string): Instance {
  const [ordersFile, couriersFile, restaurantsFile, parametersFile] = INSTANCE_FILES;
  const restaurantTable = table(folder, restaurantsFile, ['restaurant', 'x', 'y']);
  const restaurants = new Map<string, Restaurant>();
  for (const row of restaurantTable) {
    const id = identifier(restaurantsFile, row, 'restaurant', restaurants);
    restaurants.set(id, { id, ...point(restaurantsFile, row) });
  }
  const orders = new Map<string, Order>();
  for (const row of table(folder, ordersFile, ['order', 'x', 'y', 'placement_time', 'restaurant', 'ready_time'])) {
    const id = identifier(ordersFile, row, 'order', orders);
    const restaurant = restaurants.get(row.cells.restaurant as string);
    if (restaurant === undefined)
      throw new InstanceError(ordersFile, row.line, `restaurant ${row.cells.restaurant} is in no ${restaurantsFile}`);
    const placementMin = minute(ordersFile, row, 'placement_time');
    const readyMin = minute(ordersFile, row, 'ready_time');
    if (readyMin < placementMin) throw new InstanceError(ordersFile, row.line, 'ready_time lies before placement_time');
    orders.set(id, { id, ...point(ordersFile, row), placementMin, readyMin, restaurant });
  }
  const couriers = new Map<string, CourierShift>();
  for (const row of table(folder, couriersFile, ['courier', 'x', 'y', 'on_time', 'off_time'])) {
    const id = identifier(couriersFile, row, 'courier', couriers);
    const onMin = minute(couriersFile, row, 'on_time');
    const offMin = minute(couriersFile, row, 'off_time');
    if (offMin < onMin) throw new InstanceError(couriersFile, row.line, 'off_time lies before on_time');
    couriers.set(id, { id, ...point(couriersFile, row), onMin, offMin });
  }
  return {
    orders: [...orders.values()].sort((a, b) => a.placementMin - b.placementMin || (a.id < b.id ? -1 : 1)),
    couriers: [...couriers.values()],
    restaurants: [...restaurants.values()],
    parameters: readParameters(folder, parametersFile),
  };
}

/** Header of the file of parameters, in the format's order. */
export const PARAMETER_COLUMNS = [
  'meters_per_minute',
  'pickup service minutes',
  'dropoff service minutes',
  'target click-to-door',
  'maximum click-to-door',
  'pay per order',
  'guaranteed pay per hour',
] as const;

function readParameters(folder: string, file: string): InstanceParameters {
  const rows = table(folder, file, PARAMETER_COLUMNS);
  const row = rows[0];
  if (row === undefined || rows.length > 1) throw new InstanceError(file, null, `has ${rows.length} lines below the header instead of one`);
  const value = (column: (typeof PARAMETER_COLUMNS)[number], least: number): number => number(file, row, column, least, MINUTE_MAX);
  const parameters: InstanceParameters = {
    metersPerMinute: value('meters_per_minute', 1),
    pickupServiceMin: value('pickup service minutes', 0),
    dropoffServiceMin: value('dropoff service minutes', 0),
    targetClickToDoorMin: value('target click-to-door', 1),
    maxClickToDoorMin: value('maximum click-to-door', 1),
    payPerOrder: value('pay per order', 0),
    guaranteedPayPerHour: value('guaranteed pay per hour', 0),
  };
  if (parameters.maxClickToDoorMin < parameters.targetClickToDoorMin)
    throw new InstanceError(file, row.line, 'maximum click-to-door is below the target');
  return parameters;
}

/** Columns may come in any order; further ones are left alone. */
function table(folder: string, file: string, columns: readonly string[]): Row[] {
  const lines = text(folder, file).split(/\r?\n/);
  if (lines.length > LINES_MAX) throw new InstanceError(file, null, `more than ${LINES_MAX} lines`);
  const header = (lines[0] ?? '').split('\t').map(plain);
  const places = columns.map((column) => {
    const at = header.indexOf(plain(column));
    if (at === -1) throw new InstanceError(file, 1, `no column ${column}; columns are separated by tabs`);
    return at;
  });
  const rows: Row[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line.trim() === '') continue;
    const cells = line.split('\t').map((cell) => cell.trim());
    rows.push({ line: i + 1, cells: Object.fromEntries(columns.map((column, c) => [column, cells[places[c] as number] ?? ''])) });
  }
  return rows;
}

function text(folder: string, file: string): string {
  try {
    return readFileSync(path.join(folder, file), 'utf8');
  } catch (error) {
    throw new InstanceError(file, null, `cannot be read in ${folder} (${(error as { code?: string }).code ?? 'unknown'})`);
  }
}

/** The published files write some names with blanks, some with underscores. */
function plain(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
}

function identifier(file: string, row: Row, column: string, known: ReadonlyMap<string, unknown>): string {
  const id = row.cells[column] as string;
  if (!/^\S+$/.test(id)) throw new InstanceError(file, row.line, `${column} "${id}" is no name`);
  if (known.has(id)) throw new InstanceError(file, row.line, `${column} ${id} comes twice`);
  return id;
}

function point(file: string, row: Row): Point {
  return { x: number(file, row, 'x', -COORDINATE_MAX_M, COORDINATE_MAX_M), y: number(file, row, 'y', -COORDINATE_MAX_M, COORDINATE_MAX_M) };
}

/** Parts of a minute count as the next one: nothing may happen before it is known. */
function minute(file: string, row: Row, column: string): number {
  return Math.ceil(number(file, row, column, 0, MINUTE_MAX));
}

function number(file: string, row: Row, column: string, least: number, most: number): number {
  const cell = row.cells[column] as string;
  const value = cell === '' ? Number.NaN : Number(cell);
  if (!(value >= least && value <= most))
    throw new InstanceError(file, row.line, `${column} "${cell}" is no number from ${least} to ${most}`);
  return value;
}
