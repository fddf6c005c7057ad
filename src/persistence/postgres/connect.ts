/** Connections in a role: every connection of ours acts as one of the roles that the schema knows, never as the login user. */
import type { Socket } from 'node:net';
import pg from 'pg';
import { WatchedClient, type WatchedConfig } from './watched-client.ts';

export type Role = 'wakala_writer' | 'wakala_reader' | 'wakala_app' | 'wakala_relay' | 'wakala_directory';

/** How to reach the server: a URL, or the parts of an embedded one. */
export interface DatabaseAddress {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
  readonly connectionString?: string;
}

/** For callers that hand one on and must not know the driver. */
export type DatabaseClient = pg.Client;

export interface ConnectOptions {
  readonly address: DatabaseAddress;
  readonly role: Role | null;
  readonly statementTimeoutMs: number;
  /** Nobody watches over the answers: who writes batches has a timer of its own, and a cursor's question stays open while its rows are used. */
  readonly ownTimer?: boolean;
  /** The socket to use, for a caller that gathers its writes. */
  readonly socket?: Socket;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** How long after a statement's own limit its answer is waited for. */
export const ANSWER_MARGIN_MS = 1_000;
/**
 * These roles find their rows by a key. A plan made while a table was empty would read all of it, and a prepared statement
 * keeps its plan: measured, 40 ms instead of 0.3 ms for twenty status updates.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
/** One plan for any size of the arrays in it: planning each batch anew costs as much as running it. */
const PLANNED_ONCE = `${BY_INDEX} -c plan_cache_mode=force_generic_plan`;

const PLANNING: Readonly<Record<Role, string>> = {
  wakala_writer: PLANNED_ONCE,
  wakala_reader: PLANNED_ONCE,
  wakala_directory: PLANNED_ONCE,
  // It walks the journal along an index: a planner that expects few rows would gather all that are left and sort them, for each page.
  wakala_relay: `${BY_INDEX} -c enable_bitmapscan=off`,
  // Lists and reports: optional conditions, which only a plan for the given values can use an index for.
  wakala_app: '',
};

/** A pooled connection that nobody used for so long is closed. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * What the server's owner may have set otherwise and our statements rely on: the fence of a batch has to see what was committed while it
 * waited for its locks, and so do the look-ups that come after `on conflict do nothing`.
 */
const ASSUMED = '-c default_transaction_isolation=read\\ committed';

/** Start-up options in a URL. pg would take them instead of ours, and ours say who the connection is. */
const URL_OPTIONS = /([?&])options=([^&#]*)(&|$)/;

/** @returns the URL without its options, and these in plain text, empty for none. */
function withoutOptions(url: string): { readonly url: string; readonly theirs: string } {
  const found = URL_OPTIONS.exec(url);
  if (found === null) return { url, theirs: '' };
  return {
    url: url.replace(URL_OPTIONS, (_, before: string, __, after: string) => (after === '' ? '' : before)),
    theirs: decodeURIComponent((found[2] ?? '').replaceAll('+', ' ')),
  };
}

/** Modes that pg takes as `verify-full`, with eight lines of warning on standard error that it will not for ever. */
const VERIFIED_MODES = /([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/;

/** Says what we mean by a mode, unless the URL asks for the meanings of libpq. */
function withPlainMode(url: string): string {
  return url.includes('uselibpqcompat=true') ? url : url.replace(VERIFIED_MODES, '$1verify-full');
}

function clientConfig(options: ConnectOptions): WatchedConfig {
  const { connectionString, ...parts } = options.address;
  const { url, theirs } = withoutOptions(connectionString ?? '');
  // The role is a start-up parameter: there is no moment in which the connection is somebody else. Of two words on one setting the last counts.
  const role = options.role === null ? '' : `-c role=${options.role} ${PLANNING[options.role]}`;
  return {
    ...parts,
    ...(connectionString === undefined ? {} : { connectionString: withPlainMode(url) }),
    application_name: `wakala ${options.role ?? 'control'}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs,
    // The server's own limit does not help when the server or the way to it is gone.
    answerTimeoutMs: options.statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    options: [theirs, ASSUMED, role].filter((part) => part !== '').join(' '),
    ...(options.socket === undefined ? {} : { stream: () => options.socket }),
  };
}

/** A connected client. An error on the idle connection is told to `onLost` instead of ending the process. */
export async function connectClient(options: ConnectOptions, onLost: (error: Error) => void): Promise<pg.Client> {
  const client = options.ownTimer === true ? new pg.Client(clientConfig(options)) : new WatchedClient(clientConfig(options));
  client.on('error', onLost);
  await client.connect();
  return client;
}

export function createPool(options: ConnectOptions, size: number): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options),
    Client: WatchedClient as typeof pg.Client,
    max: size,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
  });
  // A lost idle connection is replaced at the next use; whoever uses one sees its own error.
  pool.on('error', () => undefined);
  // The pool listens to idle ones only: one that breaks in somebody's hands would end the thread, although its statement is refused anyway.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

/** How long a server may take to say goodbye. One that is frozen never does. */
const GOODBYE_MS = 1_000;

/** Waits for connections to be closed in order, but not for a server that does not answer: it will find them gone. Never rejects. */
export async function goodbye(closing: Promise<unknown>, giveUp: () => void = () => undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_MS, 'late');
  });
  const how = await Promise.race([closing.catch(() => undefined), late]);
  clearTimeout(timer);
  if (how === 'late') giveUp();
}
