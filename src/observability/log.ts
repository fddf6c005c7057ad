/**
 * Structured logs without personal data: phone numbers are cut to their last two digits, message texts and secrets
 * never pass. It must never know who logs.
 */
import pino, { type DestinationStream, type Logger } from 'pino';
import { standardOutput } from './standard-output.ts';

export type Log = Logger;

/** Values under these keys are never logged. Compared without case, `_` and `-`. */
const NEVER = new Set([
  'text',
  'body',
  'content',
  'caption',
  'note',
  'address',
  'cart',
  'personal',
  'name',
  'title',
  'authorization',
  'cookie',
  'token',
  'accesstoken',
  'secret',
  'password',
  'jwtsecret',
  'masterkey',
  'secretkey',
  'privatekey',
  'apikey',
  'appsecret',
  'whatsappappsecrets',
  'whatsappverifytoken',
  'verifytoken',
  'signature',
  'databaseurl',
  'otp',
  'trackingurl',
  'driveurl',
]);
/** Names like `customerName` and `driver_token` hold what their last part says. `Name` alone would take `errorName` as well. */
const NEVER_AT_END = /(?:token|secret|password|customername|drivername|displayname)s?$/;
/** Identifiers with many digits that belong to a business, not to a person. */
const NOT_PERSONAL = new Set(['phonenumberid', 'wabaid', 'atms', 'requestid', 'orderid', 'tenantid', 'id', 'nodeid', 'entitykey', 'route']);
/** `+27 60 000 0010` and the like: 9 to 15 digits, which no other text of ours holds. */
const PHONE = /\+?\d(?:[ -]?\d){8,14}(?!\d)/g;
/** A JWT wherever it stands, a tracking link's secret, the password in an address. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/(\/(?:t|track)\/)[\w-]{20,}/g, '$1[token]'],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, '$1[redacted]@'],
];
const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 8192;

/** Cuts phone numbers inside a text to their last two digits, and takes out what opens doors. */
export function maskText(text: string): string {
  const safe = CREDENTIALS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text.slice(0, MAX_TEXT));
  return safe.replace(PHONE, (number) => `***${number.slice(-2)}`);
}

/** A copy that is safe to log; functions and deep parts are dropped. */
function maskPersonal(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Error) return maskError(value);
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => maskPersonal(item, depth + 1));
  const masked: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value).slice(0, MAX_ITEMS)) {
    const plain = key.toLowerCase().replace(/[_-]/g, '');
    if (NEVER.has(plain) || NEVER_AT_END.test(plain)) masked[maskText(key)] = part === null || part === undefined ? part : REDACTED;
    else masked[maskText(key)] = NOT_PERSONAL.has(plain) && typeof part !== 'object' ? part : maskPersonal(part, depth + 1);
  }
  return masked;
}

function maskError(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: maskError(error.cause) } : {};
  return { type: error.name, ...code, message: maskText(error.message), stack: maskText(error.stack ?? ''), ...cause };
}

interface LogOptions {
  readonly level: string;
  /** Fields of every line, like node and thread. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

/** A logger whose every line, and those of its children, is masked. */
export function createLog(options: LogOptions): Log {
  const log = pino(
    {
      level: options.level,
      base: options.base === undefined ? null : { ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => maskPersonal(fields) as Record<string, unknown>,
      },
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(this, maskArguments(args) as typeof args);
        },
      },
    },
    options.destination ?? standardOutput(),
  );
  maskChildren(log);
  return log;
}

/** pino takes the line's message from an error when there is none, past every formatter: give it a masked one. */
function maskArguments(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args.map((arg) => (typeof arg === 'string' ? maskText(arg) : arg));
  const error = first instanceof Error ? first : isRecord(first) && first.err instanceof Error ? first.err : null;
  if (error === null) return [first, ...rest.map((arg) => maskPersonal(arg))];
  const fields = first instanceof Error ? { err: first } : first;
  return [fields, ...(rest.length === 0 ? [maskText(error.message)] : rest.map((arg) => maskPersonal(arg)))];
}

/** A child's own fields are written into its lines without any formatter. Children inherit this method. */
function maskChildren(log: Log): void {
  const child = log.child;
  function maskedChild(this: Log, fields: Parameters<typeof child>[0], childOptions?: Parameters<typeof child>[1]) {
    return child.call(this, maskPersonal(fields) as typeof fields, childOptions);
  }
  log.child = maskedChild as typeof child;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
