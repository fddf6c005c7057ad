/**
 * The only reader of the environment: turns it into one frozen object, or into the complete list of what is wrong.
 * It must never log a value: some are secrets.
 */
import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { describeVariables, type Environment, environmentSchema } from './config-schema.ts';
import { type UnknownVariable, unknownVariables } from './config-unknown.ts';
import { CodedError } from './errors.ts';
import { type FileSecrets, loadOrCreateSecrets } from './secrets-file.ts';

interface ConfigProblem {
  /** Name of the environment variable. */
  readonly name: string;
  /** Public text without the value. */
  readonly problem: string;
}

type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | {
      readonly ok: false;
      readonly problems: readonly ConfigProblem[];
      /** One of them may be why another is missing. */
      readonly unknownVariables: readonly UnknownVariable[];
    };

interface ConfigOptions {
  /**
   * Where missing secrets of an embedded installation come from; null leaves them empty. Default: `secrets.json` in the data folder, made
   * when absent.
   */
  readonly secretsOf?: (dataDir: string, isSealing: boolean) => FileSecrets | null;
}

/** Everything that can be configured; plain data, so that it can be handed to a worker thread. Frozen in depth. */
export type Config = ReturnType<typeof build>;

const SECRET_NAMES = ['WAKALA_JWT_SECRET', 'WAKALA_MASTER_KEY', 'WHATSAPP_APP_SECRET', 'WHATSAPP_VERIFY_TOKEN'] as const;

/**
 * Reads the whole configuration. Empty strings count as unset. Without `DATABASE_URL` the installation is embedded
 * and missing secrets are generated once; with it every secret is required.
 * @returns all problems at once, in the order of the schema; never throws for a bad value.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, options: ConfigOptions = {}): ConfigResult {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const unknown = unknownVariables(Object.keys(given), Object.keys(environmentSchema.shape));
  const refuse = (problems: readonly ConfigProblem[]): ConfigResult => ({ ok: false, problems, unknownVariables: unknown });
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => ({ name: String(issue.path[0] ?? ''), problem: issue.message }));
    const inconsistent = missingSecrets(given, given.DATABASE_URL === undefined);
    const refused = new Set(problems.map(({ name }) => name));
    return refuse([...problems, ...inconsistent, ...contradictions(readableOf(given, refused), refused)]);
  }
  const values = parsed.data;
  const embedded = values.DATABASE_URL === undefined;
  const problems = [...missingSecrets(given, embedded), ...contradictions(values)];
  if (problems.length > 0) return refuse(problems);
  const secrets = embedded ? completeSecrets(values, options.secretsOf ?? loadOrCreateSecrets) : null;
  if (secrets !== null && 'problem' in secrets) return refuse([secrets]);
  return { ok: true, config: deepFreeze(build(values, secrets, { ignored: ignored(given), unknown })) };
}

/** The environment of this process; for the command line, which hands it to `loadConfig`. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

function missingSecrets(given: Readonly<Record<string, unknown>>, embedded: boolean): ConfigProblem[] {
  if (embedded) return [];
  return SECRET_NAMES.filter((name) => given[name] === undefined)
    .filter((name) => !(name === 'WAKALA_JWT_SECRET' && given.WAKALA_JWKS_URL !== undefined))
    .map((name) => ({ name, problem: 'is required when DATABASE_URL is set' }));
}

/** Names of variables that somebody set and nothing reads. */
function ignored(given: Readonly<Record<string, unknown>>): readonly string[] {
  return describeVariables()
    .filter(({ name, isUnused }) => isUnused && given[name] !== undefined)
    .map(({ name }) => name);
}

/** What the schema makes of the rest, with defaults in place of what it refused. */
function readableOf(given: Readonly<Record<string, unknown>>, refused: ReadonlySet<string>): Environment {
  return environmentSchema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !refused.has(name))));
}

/** @param refused variables whose values could not be read: nothing is said about how they fit together. */
function contradictions(values: Environment, refused: ReadonlySet<string> = new Set()): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const readable = (...names: readonly (keyof Environment)[]): boolean => !names.some((name) => refused.has(name));
  if (readable('PORT', 'WAKALA_OPS_PORT') && values.PORT !== 0 && values.PORT === values.WAKALA_OPS_PORT) {
    problems.push({ name: 'WAKALA_OPS_PORT', problem: 'must differ from PORT: the operations port is never public' });
  }
  if (readable('WAKALA_MAILBOX_TOTAL', 'WAKALA_MAILBOX_CAPACITY') && values.WAKALA_MAILBOX_TOTAL < values.WAKALA_MAILBOX_CAPACITY) {
    problems.push({ name: 'WAKALA_MAILBOX_TOTAL', problem: 'must not be below WAKALA_MAILBOX_CAPACITY' });
  }
  if (readable('WAKALA_ROUTING', 'WAKALA_ROUTING_URL') && values.WAKALA_ROUTING !== 'model' && values.WAKALA_ROUTING_URL === undefined) {
    problems.push({ name: 'WAKALA_ROUTING_URL', problem: 'is required when WAKALA_ROUTING is osrm or valhalla' });
  }
  return problems;
}

/** @returns null when the environment has every secret, so that no file is needed, or when there is none and none is to be made. */
function completeSecrets(values: Environment, secretsOf: NonNullable<ConfigOptions['secretsOf']>): FileSecrets | ConfigProblem | null {
  if (SECRET_NAMES.every((name) => values[name] !== undefined)) return null;
  try {
    return secretsOf(resolve(values.WAKALA_DATA_DIR), values.WAKALA_MASTER_KEY === undefined);
  } catch (error) {
    if (error instanceof CodedError) return { name: 'WAKALA_DATA_DIR', problem: `${error.code}: ${error.message}` };
    throw error;
  }
}

/** What somebody set without effect. */
interface IdleVariables {
  readonly ignored: readonly string[];
  readonly unknown: readonly UnknownVariable[];
}

// Long because it is one table: each setting beside the variable that it comes from, and its type is read from here.
function build(env: Environment, file: FileSecrets | null, idle: IdleVariables) {
  const embedded = env.DATABASE_URL === undefined;
  return {
    embedded,
    sandbox: env.WAKALA_SANDBOX === undefined ? embedded : env.WAKALA_SANDBOX === 'on',
    nodeId: env.WAKALA_NODE_ID ?? defaultNodeId(),
    workers: env.WAKALA_WORKERS ?? availableParallelism(),
    /** Absolute. */
    dataDir: resolve(env.WAKALA_DATA_DIR),
    logLevel: env.LOG_LEVEL,
    publicUrl: env.WAKALA_PUBLIC_URL ?? null,
    /** Set, but nothing reads them yet. */
    ignoredVariables: idle.ignored,
    /** Set, of our prefix, and of no meaning. */
    unknownVariables: idle.unknown,
    http: {
      host: env.HOST,
      port: env.PORT,
      webhookBodyMaxBytes: env.WAKALA_WEBHOOK_BODY_MAX_BYTES,
      apiBodyMaxBytes: env.WAKALA_API_BODY_MAX_BYTES,
      requestTimeoutMs: env.WAKALA_REQUEST_TIMEOUT_MS,
      bodyTimeoutMs: env.WAKALA_BODY_TIMEOUT_MS,
      maxInFlight: env.WAKALA_REQUESTS_IN_FLIGHT,
      drainTimeoutMs: env.WAKALA_DRAIN_TIMEOUT_MS,
      tokenCache: env.WAKALA_TOKEN_CACHE,
      importRows: env.WAKALA_IMPORT_ROWS,
    },
    ops: { host: env.WAKALA_OPS_HOST, port: env.WAKALA_OPS_PORT },
    database: {
      url: env.DATABASE_URL ?? null,
      replicaUrl: env.DATABASE_REPLICA_URL ?? null,
      poolSize: env.WAKALA_DATABASE_POOL,
      statementTimeoutMs: env.WAKALA_DATABASE_TIMEOUT_MS,
      directoryCache: env.WAKALA_DIRECTORY_CACHE,
    },
    journal: { batchMax: env.WAKALA_JOURNAL_BATCH_MAX, flushMs: env.WAKALA_JOURNAL_FLUSH_MS },
    intake: {
      above: env.WAKALA_INTAKE_ABOVE,
      messagesMax: env.WAKALA_INTAKE_MAX,
      bytesMax: env.WAKALA_INTAKE_BYTES,
      waitingBytesMax: env.WAKALA_INTAKE_BUFFER_BYTES,
    },
    redisUrl: env.REDIS_URL ?? null,
    natsUrl: env.NATS_URL ?? null,
    natsMonitorUrl: env.NATS_MONITOR_URL ?? null,
    secrets: {
      /** Empty string when only `jwksUrl` is used, and like the others for who only looks at an installation that was never started. */
      jwtSecret: env.WAKALA_JWT_SECRET ?? file?.jwtSecret ?? '',
      jwksUrl: env.WAKALA_JWKS_URL ?? null,
      /** 32 bytes in base64. */
      masterKey: env.WAKALA_MASTER_KEY ?? file?.masterKey ?? '',
      whatsappAppSecrets: env.WHATSAPP_APP_SECRET ?? (file === null ? [] : [file.whatsappAppSecret]),
      whatsappVerifyToken: env.WHATSAPP_VERIFY_TOKEN ?? file?.whatsappVerifyToken ?? '',
    },
    whatsapp: {
      /** Without a slash at the end. */
      graphUrl: env.WHATSAPP_GRAPH_URL,
      graphVersion: env.WHATSAPP_GRAPH_VERSION,
      timeoutMs: env.WAKALA_GRAPH_TIMEOUT_MS,
      maxInFlight: env.WAKALA_GRAPH_IN_FLIGHT,
      settleMs: env.WAKALA_SEND_SETTLE_MS,
      perNumberPerSecond: env.WAKALA_NUMBER_RATE,
      holdReplies: env.WAKALA_HOLD_REPLIES === 'on',
    },
    payments: { paystackUrl: env.PAYSTACK_URL, ozowUrl: env.OZOW_URL, ozowPayUrl: env.OZOW_PAY_URL, mpesaUrl: env.MPESA_URL },
    dispatch: {
      weights: env.WAKALA_DISPATCH_WEIGHTS,
      exclusiveOfferS: env.WAKALA_OFFER_S,
      openOfferS: env.WAKALA_OPEN_OFFER_S,
    },
    routing: {
      kind: env.WAKALA_ROUTING,
      url: env.WAKALA_ROUTING_URL ?? null,
      vroomUrl: env.WAKALA_VROOM_URL ?? null,
      timeoutMs: env.WAKALA_ROUTING_TIMEOUT_MS,
      maxInFlight: env.WAKALA_ROUTING_IN_FLIGHT,
    },
    runtime: {
      mailboxCapacity: env.WAKALA_MAILBOX_CAPACITY,
      mailboxTotal: env.WAKALA_MAILBOX_TOTAL,
      entityCap: env.WAKALA_ENTITY_CAP,
      passivateAfterMs: env.WAKALA_PASSIVATE_AFTER_S * 1000,
      snapshotEvery: env.WAKALA_SNAPSHOT_EVERY,
      poisonTries: env.WAKALA_POISON_TRIES,
      restartsPerMinute: env.WAKALA_RESTARTS_PER_MINUTE,
      linkCreditMessages: env.WAKALA_LINK_CREDIT_MESSAGES,
      linkCreditBytes: env.WAKALA_LINK_CREDIT_BYTES,
    },
    drivers: {
      trackRetentionDays: env.WAKALA_TRACK_RETENTION_DAYS,
      sockets: {
        socketsMax: env.WAKALA_DRIVER_SOCKETS,
        socketsPerDriverMax: env.WAKALA_DRIVER_SOCKETS_EACH,
        backpressureMaxBytes: env.WAKALA_DRIVER_BACKPRESSURE_BYTES,
      },
    },
    retention: {
      commandDays: env.WAKALA_COMMAND_RETENTION_DAYS,
      deadLetterDays: env.WAKALA_DEAD_LETTER_RETENTION_DAYS,
      deadLettersMax: env.WAKALA_DEAD_LETTERS_MAX,
    },
    orders: { acceptWithinMs: env.WAKALA_ACCEPT_WITHIN_S * 1000, reservationTtlMs: env.WAKALA_RESERVATION_TTL_S * 1000 },
  } as const;
}

function defaultNodeId(): string {
  return `${hostname().replace(/[^A-Za-z0-9_.-]/g, '-')}-${process.pid}`.slice(-64);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
