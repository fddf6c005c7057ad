/**
 * Several statements in one round trip: each is parsed once a connection, bound and executed, with one Sync at the end.
 * Between two Syncs the server runs everything as one transaction, so neither `begin` nor `commit` is needed, and it answers
 * once instead of once a statement: each answer of its own wakes a process on either side.
 * Must never know what a statement means. Source: PostgreSQL, "Extended Query", "Pipelining".
 */
import pg from 'pg';

export interface Statement {
  /** Prepared under this name, once a connection; null: parsed and planned anew for its values. */
  readonly name: string | null;
  readonly text: string;
  readonly values: readonly unknown[];
  /** The rows of its answer are wanted. */
  readonly rows?: true;
}

/** Around statements that have to see the same moment. */
export const BEGIN_SNAPSHOT: Statement = { name: 'begin_snapshot', text: 'begin isolation level repeatable read read only', values: [] };
export const COMMIT: Statement = { name: 'commit', text: 'commit', values: [] };

/** The rows that each statement of a trip answered; whoever wrote its text knows their columns. */
type Rows = readonly (readonly object[])[];

/** How an answer's columns are read: pg's own, which has no type. */
interface Shape {
  addFields(fields: readonly unknown[]): void;
  parseRow(values: readonly unknown[]): object;
}

const { Result } = pg as unknown as { readonly Result: new () => Shape };

/** Statements that a connection has, with the shape of their rows once that is known. */
const prepared = new WeakMap<pg.Connection, Map<string, Shape | null>>();

/**
 * @returns the rows of each statement, in order; empty for those whose rows are not wanted.
 * Rejects with a `pg.DatabaseError` when the server refused one: then it is certain that nothing is kept, unless the statements
 * began a transaction of their own. Any other rejection leaves open what became of it.
 */
export function roundTrip(client: pg.ClientBase, statements: readonly Statement[]): Promise<Rows> {
  return new Promise((resolve, reject) => {
    const trip = new RoundTrip(statements, (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
    client.query(trip);
  });
}

/** The same on a connection of `pool`; one that complained is not kept, as it may be inside a failed transaction. */
export async function roundTripOn(pool: pg.Pool, statements: readonly Statement[]): Promise<Rows> {
  const client = await pool.connect();
  try {
    const rows = await roundTrip(client, statements);
    client.release();
    return rows;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** Driven by pg's client, which calls the methods in the order of the server's answers. */
class RoundTrip implements pg.Submittable {
  /** pg puts a function of its own around it, to end the timer of an answer. */
  callback: (error: Error | null, rows: object[][]) => void;
  readonly #statements: readonly Statement[];
  readonly #values: (string | Buffer | null)[][];
  readonly #rows: object[][];
  readonly #shapes: (Shape | null)[];
  /** Statements whose columns the server is about to tell, in order. */
  readonly #described: number[] = [];
  #known = new Map<string, Shape | null>();
  /** The statement whose answer comes in. */
  #at = 0;
  #defect: Error | null = null;
  #isOver = false;
  #unfollow: () => void = () => undefined;

  /** @throws TypeError for a value without a form on the wire, before the first byte leaves: half a trip would never end. */
  constructor(statements: readonly Statement[], callback: (error: Error | null, rows: object[][]) => void) {
    this.#statements = statements;
    this.callback = callback;
    this.#values = statements.map((statement) => statement.values.map(toWire));
    this.#rows = statements.map(() => []);
    this.#shapes = statements.map(() => null);
  }

  submit(connection: pg.Connection): void {
    this.#known = preparedOn(connection);
    const parsing: string[] = [];
    connection.stream.cork();
    for (const [i, { name, text, rows }] of this.#statements.entries()) {
      const shape = name === null ? undefined : this.#known.get(name);
      if (shape === undefined && (name === null || !parsing.includes(name))) {
        connection.parse({ name: name ?? '', text, types: [] }, true);
        parsing.push(name ?? '');
      }
      connection.bind({ portal: '', statement: name ?? '', values: this.#values[i] as (string | Buffer | null)[] }, true);
      if (rows === true) this.#expectRows(connection, i, shape ?? null);
      connection.execute(null, true);
    }
    connection.sync();
    connection.stream.uncork();
    if (parsing.length > 0) this.#followParsing(connection, parsing);
  }

  handleRowDescription(message: { readonly fields: readonly unknown[] }): void {
    const i = this.#described.shift();
    if (i === undefined) return;
    const shape = new Result();
    shape.addFields(message.fields);
    this.#shapes[i] = shape;
    const name = this.#statements[i]?.name ?? null;
    if (name !== null) this.#known.set(name, shape);
  }

  handleDataRow(message: { readonly fields: readonly unknown[] }): void {
    const shape = this.#shapes[this.#at];
    if (shape === null || shape === undefined || this.#defect !== null) return;
    try {
      (this.#rows[this.#at] as object[]).push(shape.parseRow(message.fields));
    } catch (error) {
      this.#defect = error as Error;
    }
  }

  handleCommandComplete(): void {
    this.#at++;
  }

  handleEmptyQuery(): void {
    this.#at++;
  }

  handleReadyForQuery(): void {
    this.#settle(this.#defect);
  }

  /** A complaint is certain only when the server is ready again: one that dies over it may have kept everything. */
  handleError(error: Error, connection: pg.Connection): void {
    if (!(error instanceof pg.DatabaseError)) {
      this.#settle(error);
      return;
    }
    const done = (reason: Error): void => {
      connection.off('readyForQuery', ready);
      connection.off('end', ended);
      this.#settle(reason);
    };
    const ready = (): void => done(error);
    const ended = (): void => done(new Error('the connection ended with a complaint', { cause: error }));
    connection.on('readyForQuery', ready);
    connection.on('end', ended);
  }

  #expectRows(connection: pg.Connection, i: number, shape: Shape | null): void {
    this.#shapes[i] = shape;
    if (shape !== null) return;
    this.#described.push(i);
    connection.describe({ type: 'P', name: '' }, true);
  }

  /** What the server has parsed it keeps, even when the transaction fails, and only that may be used by name later. */
  #followParsing(connection: pg.Connection, parsing: readonly string[]): void {
    let next = 0;
    const parsed = (): void => {
      const name = parsing[next++] ?? '';
      if (name !== '') this.#known.set(name, null);
    };
    connection.on('parseComplete', parsed);
    const unfollow = (): void => void connection.off('parseComplete', parsed);
    this.#unfollow = unfollow;
  }

  #settle(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unfollow();
    this.callback(error, this.#rows);
  }
}

function preparedOn(connection: pg.Connection): Map<string, Shape | null> {
  let known = prepared.get(connection);
  if (known === undefined) {
    known = new Map();
    prepared.set(connection, known);
  }
  return known;
}

function toWire(value: unknown): string | Buffer | null {
  if (value === null || typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(`a ${typeof value} is no statement value`);
}
