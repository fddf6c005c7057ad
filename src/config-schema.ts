/**
 * Every environment variable with its range, default and meaning: the one zod schema behind `config.ts`, and the
 * source of `docs/CONFIG.md`. It must never read the environment itself.
 */
import { z } from 'zod';

const MIN_JWT_SECRET_BYTES = 32;
const MASTER_KEY_BYTES = 32;
const MAX_PORT = 65_535;
const MAX_WORKERS = 128;
const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;
/** A market dispatches in ticks; a slower road service is as good as none. */
const ROUTING_LIMIT_MS = 300;

interface VariableDoc {
  readonly meaning: string;
  readonly default: string;
  readonly group: string;
  /** Reserved by the public contract; nothing reads it so far. */
  readonly isUnused: boolean;
}

const docs = z.registry<VariableDoc>();

let group = 'Addresses';

function described<T extends z.ZodType>(schema: T, meaning: string, shownDefault: string): T {
  docs.add(schema, { meaning, default: shownDefault, group, isUnused: false });
  return schema;
}

/** Checked like the others, so that nobody learns of a bad value on the day on which it begins to count. */
function unused<T extends z.ZodType>(schema: T, meaning: string, shownDefault: string): T {
  docs.add(schema, { meaning: `Not used yet: ${meaning}`, default: shownDefault, group, isUnused: true });
  return schema;
}

/** A whole number in a range; the text `12abc`, `1e3` and `1.5` are refused, unlike `Number()` would. */
function whole(min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
}

function limit(min: number, max: number, fallback: number, meaning: string) {
  return described(whole(min, max).default(fallback), meaning, String(fallback));
}

function url(protocols: readonly string[]) {
  const message = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), message)
    .refine((value) => !STRAY_BLANK.test(value), 'has a blank or a line break at its end');
}

/** The parser of URLs drops them, and whoever puts something behind the value does not: an environment file with `\r\n`, a copied line. */
const STRAY_BLANK = /^\s|\s$|[\t\r\n]/;

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** The client takes an unknown `sslmode` for one that it knows. */
function databaseUrl() {
  return url(['postgres:', 'postgresql:']).refine(
    (value) => !URL.canParse(value) || new URL(value).searchParams.getAll('sslmode').every((mode) => SSL_MODES.includes(mode)),
    `has an unknown sslmode; known are ${SSL_MODES.join(', ')}`,
  );
}

/** What paths are put behind, without slashes at the end. */
function webAddress() {
  return url(['http:', 'https:'])
    .refine((value) => !/[?#]/.test(value), 'must end before any ? or #: paths are put behind it')
    .transform((value) => value.replace(/\/+$/, ''));
}

function webUrl(fallback: string, meaning: string) {
  return described(webAddress().default(fallback), meaning, fallback);
}

function optional<T extends z.ZodType>(schema: T, meaning: string, shownDefault: string) {
  return described(schema.optional(), meaning, shownDefault);
}

const host = z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/, 'must be a host name or an address');

const addresses = {
  PORT: limit(0, MAX_PORT, 8080, 'Public port: webhooks, API, sockets, pages. 0 takes a free one.'),
  HOST: described(host.default('127.0.0.1'), 'Address of the public port; 0.0.0.0 for all of the machine.', '127.0.0.1'),
  WAKALA_PUBLIC_URL: optional(
    webAddress(),
    'Where customers and drivers reach the public port; the base of tracking and sign-in links.',
    'unset: `http://HOST:PORT`',
  ),
  WAKALA_OPS_PORT: limit(0, MAX_PORT, 9090, 'Operations port: health, metrics, cluster. Never public. 0 takes a free one.'),
  WAKALA_OPS_HOST: described(host.default('127.0.0.1'), 'Address of the operations port.', '127.0.0.1'),
};

group = 'Node and storage';
const node = {
  WAKALA_DATA_DIR: described(z.string().max(4096).default('.wakala'), 'Embedded database and generated secrets.', '.wakala'),
  WAKALA_NODE_ID: optional(
    z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'),
    'Stable name of this node.',
    'host name and pid',
  ),
  WAKALA_WORKERS: optional(whole(1, MAX_WORKERS), 'Shard worker threads.', 'number of cores'),
  DATABASE_URL: optional(
    databaseUrl(),
    'PostgreSQL 14 or later, or Citus. `sslmode` `prefer`, `require` and `verify-ca` check the certificate as `verify-full` does.',
    'unset: embedded PostgreSQL',
  ),
  DATABASE_REPLICA_URL: unused(databaseUrl().optional(), 'reports and analytics reads.', 'unset'),
  REDIS_URL: unused(url(['redis:', 'rediss:']).optional(), 'exact rate limits and second-level cache across nodes.', 'unset: in-process'),
  NATS_URL: unused(url(['nats:', 'tls:', 'ws:', 'wss:']).optional(), 'links nodes and publishes domain events.', 'unset: one node'),
  NATS_MONITOR_URL: unused(url(['http:', 'https:']).optional(), 'monitoring port of a NATS server.', 'unset'),
  LOG_LEVEL: described(
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be fatal, error, warn, info, debug, trace or silent')
      .default('info'),
    'Least severe level that is logged: fatal, error, warn, info, debug, trace or silent.',
    'info',
  ),
};

group = 'Secrets';
const GENERATED = 'generated once into the data folder when the database is embedded, required otherwise';
const secrets = {
  WAKALA_JWT_SECRET: optional(
    z.string().refine((value) => Buffer.byteLength(value) >= MIN_JWT_SECRET_BYTES, `must have at least ${MIN_JWT_SECRET_BYTES} bytes`),
    'HS256 key of access tokens. Not needed with `WAKALA_JWKS_URL`.',
    GENERATED,
  ),
  WAKALA_JWKS_URL: optional(url(['http:', 'https:']), 'Public keys of an identity provider; then only its tokens are taken.', 'unset'),
  WAKALA_MASTER_KEY: optional(
    z
      .string()
      .refine(
        (value) => /^[A-Za-z0-9+/]+={0,2}$/.test(value) && Buffer.from(value, 'base64').length === MASTER_KEY_BYTES,
        `must be ${MASTER_KEY_BYTES} bytes in base64`,
      ),
    'Wraps the data keys and seals stored credentials.',
    GENERATED,
  ),
  WHATSAPP_APP_SECRET: optional(
    z
      .string()
      .transform((value) => value.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part !== ''), 'has an empty part; separate secrets by single commas'),
    'Signs webhooks; several by comma for rotation.',
    GENERATED,
  ),
  WHATSAPP_VERIFY_TOKEN: optional(z.string().max(255), 'Answers the verification call of Meta.', GENERATED),
};

group = 'Outside services';
const services = {
  WHATSAPP_GRAPH_URL: webUrl('https://graph.facebook.com', 'Base of the Graph API.'),
  WHATSAPP_GRAPH_VERSION: described(
    z
      .string()
      .regex(/^v\d{1,3}\.\d{1,2}$/, 'must look like v23.0')
      .default('v23.0'),
    'Version of the Graph API.',
    'v23.0',
  ),
  PAYSTACK_URL: unused(webAddress().default('https://api.paystack.co'), 'base of the Paystack API.', 'https://api.paystack.co'),
  OZOW_URL: unused(webAddress().default('https://api.ozow.com'), 'base of the Ozow API.', 'https://api.ozow.com'),
  OZOW_PAY_URL: unused(webAddress().default('https://pay.ozow.com'), 'Ozow payment page.', 'https://pay.ozow.com'),
  MPESA_URL: unused(webAddress().default('https://openapi.m-pesa.com'), 'base of the M-Pesa API.', 'https://openapi.m-pesa.com'),
  WAKALA_SANDBOX: optional(
    z.enum(['on', 'off'], 'must be on or off'),
    'The sandbox phone and the demo shop, on or off.',
    'on when the database is embedded, off otherwise',
  ),
  WAKALA_GRAPH_TIMEOUT_MS: limit(100, MINUTE_MS, 10_000, 'One call of the Graph API.'),
  WAKALA_GRAPH_IN_FLIGHT: limit(1, 4096, 64, 'Calls of the Graph API in flight, each worker.'),
  WAKALA_SEND_SETTLE_MS: limit(0, 5 * MINUTE_MS, 5_000, 'How long a status may take to settle a send whose answer was lost.'),
  WAKALA_NUMBER_RATE: limit(1, 100_000, 80, 'Messages a second of one business number, each worker.'),
  WAKALA_HOLD_REPLIES: described(
    z.enum(['on', 'off'], 'must be on or off').default('off'),
    'On: take every message in and make it durable, but work on none and send nothing until a start without this: for benches and for freezing all numbers.',
    'off',
  ),
};

group = 'Dispatch';
const dispatch = {
  WAKALA_DISPATCH_WEIGHTS: described(
    z.enum(['recommended', 'proximity', 'balanced', 'fair'], 'must be recommended, proximity, balanced or fair').default('recommended'),
    'How markets score drivers for a job: recommended, proximity, balanced or fair (docs/specs/dispatch.md).',
    'recommended',
  ),
  WAKALA_OFFER_S: limit(5, 300, 20, 'How long an exclusive offer stands.'),
  WAKALA_OPEN_OFFER_S: limit(10, 300, 60, 'How long an offer to several drivers stands.'),
};

group = 'Roads';
const roads = {
  WAKALA_ROUTING: described(
    z.enum(['model', 'osrm', 'valhalla'], 'must be model, osrm or valhalla').default('model'),
    'Who computes ways on the road: model (built in), osrm or valhalla; the model also answers wherever a service fails.',
    'model',
  ),
  WAKALA_ROUTING_URL: optional(webAddress(), 'Base of the OSRM or Valhalla server.', 'required unless `WAKALA_ROUTING` is model'),
  WAKALA_VROOM_URL: optional(
    webAddress(),
    'Base of a vroom-express server that orders rounds of several stops.',
    'unset: the built-in model',
  ),
  WAKALA_ROUTING_TIMEOUT_MS: limit(
    10,
    ROUTING_LIMIT_MS,
    ROUTING_LIMIT_MS,
    'Total limit of one question about roads; then the model answers.',
  ),
  WAKALA_ROUTING_IN_FLIGHT: limit(1, 256, 8, 'Calls of each road service in flight, each worker.'),
};

group = 'HTTP limits';
const http = {
  WAKALA_WEBHOOK_BODY_MAX_BYTES: limit(1024, 64 * MIB, 4 * MIB, 'Largest webhook body.'),
  WAKALA_API_BODY_MAX_BYTES: limit(1024, 64 * MIB, MIB, 'Largest API body.'),
  WAKALA_REQUEST_TIMEOUT_MS: limit(10, 10 * MINUTE_MS, 15_000, 'Longest handling of one request.'),
  WAKALA_BODY_TIMEOUT_MS: limit(
    10,
    10 * MINUTE_MS,
    10_000,
    'Longest arrival of one body; proof of delivery has more. One that brings less than 160 KiB in 7.5 s is given up then.',
  ),
  WAKALA_REQUESTS_IN_FLIGHT: limit(1, 1_000_000, 4096, 'Requests in flight, each worker.'),
  WAKALA_DRAIN_TIMEOUT_MS: limit(0, 10 * MINUTE_MS, 25_000, 'How long requests in flight may take after the stop signal.'),
  WAKALA_TOKEN_CACHE: limit(0, 1_000_000, 10_000, 'Verified tokens remembered, each worker.'),
  WAKALA_IMPORT_ROWS: limit(1, 10_000, 1000, 'Rows of one catalogue import.'),
};

group = 'Runtime limits';
const runtime = {
  WAKALA_MAILBOX_CAPACITY: limit(16, 1_000_000, 1024, 'Messages that wait at one actor.'),
  WAKALA_MAILBOX_TOTAL: limit(1024, 10_000_000, 65_536, 'Messages that wait at all actors of one worker.'),
  WAKALA_ENTITY_CAP: limit(10, 10_000_000, 50_000, 'Live actors of one worker; the least recently used are passivated.'),
  WAKALA_PASSIVATE_AFTER_S: limit(1, 86_400, 300, 'Idle time after which an actor leaves memory.'),
  WAKALA_SNAPSHOT_EVERY: limit(1, 100_000, 200, 'Events between snapshots of one actor.'),
  WAKALA_POISON_TRIES: limit(1, 100, 3, 'Failed tries of one message before it becomes a dead letter.'),
  WAKALA_RESTARTS_PER_MINUTE: limit(1, 1000, 5, 'Restarts of one actor before it is quarantined.'),
  WAKALA_LINK_CREDIT_MESSAGES: limit(64, 1_000_000, 8192, 'Messages in flight on one link between threads.'),
  WAKALA_LINK_CREDIT_BYTES: limit(65_536, 1024 * MIB, 4 * MIB, 'Bytes in flight on one link between threads.'),
};

group = 'Database limits';
const database = {
  WAKALA_JOURNAL_BATCH_MAX: limit(1, 5000, 500, 'Events of one group commit.'),
  WAKALA_JOURNAL_FLUSH_MS: limit(0, 1000, 2, 'Longest wait of an event for company before it is committed.'),
  WAKALA_DATABASE_POOL: limit(1, 100, 4, 'Read connections of one worker.'),
  WAKALA_DATABASE_TIMEOUT_MS: limit(10, 10 * MINUTE_MS, 5000, 'Longest statement.'),
  WAKALA_DIRECTORY_CACHE: limit(16, 1_000_000, 10_000, 'Tenants and customers remembered, each worker.'),
  // WhatsApp brings a message again for seven days; the database shows nobody a younger id for removal.
  WAKALA_COMMAND_RETENTION_DAYS: limit(8, 3650, 14, 'Days for which ids and answers of handled messages and requests are kept.'),
  WAKALA_DEAD_LETTER_RETENTION_DAYS: limit(7, 3650, 90, 'Days for which dead letters are kept.'),
  WAKALA_DEAD_LETTERS_MAX: limit(1000, 100_000_000, 1_000_000, 'Dead letters that are kept; of more the oldest are forgotten.'),
};

group = 'Intake limits';
const intake = {
  WAKALA_INTAKE_ABOVE: limit(
    0,
    1_000_000,
    2048,
    'Webhook posts in work at one worker above which the next is written to the intake log, answered, and worked on later. 0: every post.',
  ),
  WAKALA_INTAKE_MAX: limit(1, 100_000_000, 500_000, 'Posts that wait in the intake log, each worker; more are told to come again.'),
  WAKALA_INTAKE_BYTES: limit(MIB, 65_536 * MIB, 1024 * MIB, 'Bytes that wait in the intake log, each worker.'),
  WAKALA_INTAKE_BUFFER_BYTES: limit(MIB, 1024 * MIB, 64 * MIB, 'Bytes that wait in memory to be written to the intake log, each worker.'),
};

group = 'Orders';
const orders = {
  WAKALA_ACCEPT_WITHIN_S: limit(1, 86_400, 900, 'How long a shop has to accept an order before it expires.'),
  WAKALA_RESERVATION_TTL_S: limit(1, 86_400, 900, 'How long stock stays reserved for an order that is not placed.'),
};

group = 'Drivers';
const drivers = {
  WAKALA_TRACK_RETENTION_DAYS: limit(1, 3650, 30, 'Days for which the positions of drivers are kept.'),
  WAKALA_DRIVER_SOCKETS: limit(1, 1_000_000, 20_000, 'Sockets of drivers, each worker.'),
  WAKALA_DRIVER_SOCKETS_EACH: limit(1, 100, 4, 'Sockets of one driver, each worker; the oldest is closed.'),
  WAKALA_DRIVER_BACKPRESSURE_BYTES: limit(4096, 16 * MIB, 65_536, 'What a slow phone may leave unread before its socket is closed.'),
};

export const environmentSchema = z.object({
  ...addresses,
  ...node,
  ...secrets,
  ...services,
  ...dispatch,
  ...roads,
  ...http,
  ...runtime,
  ...database,
  ...intake,
  ...orders,
  ...drivers,
});

export type Environment = z.infer<typeof environmentSchema>;

/** Names, defaults and meanings in the order of the schema, for the documentation. */
export function describeVariables(): readonly ({ readonly name: string } & VariableDoc)[] {
  return Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const doc = docs.get(schema);
    if (doc === undefined) throw new Error(`${name} has no description`);
    return { name, ...doc };
  });
}
