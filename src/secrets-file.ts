/**
 * Secrets of an embedded installation: made once, kept in one file that only its owner can read. It must never
 * know what the secrets protect, and never replaces a file that it cannot read: sealed data depends on it.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from './errors.ts';
import { assertMakeable, makeFolder } from './make-folder.ts';

const SECRETS_FILE = 'secrets.json';
/** Of an embedded database that was made. */
const DATABASE_MARK = join('pg', 'PG_VERSION');
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const SECRET_BYTES = 32;
const TOKEN_BYTES = 18;

const fileSchema = z.object({
  jwtSecret: z.string().min(SECRET_BYTES),
  masterKey: z.base64().refine((value) => Buffer.from(value, 'base64').length === SECRET_BYTES, 'must be 32 bytes in base64'),
  whatsappAppSecret: z.string().min(1),
  whatsappVerifyToken: z.string().min(1),
});

export type FileSecrets = Readonly<z.infer<typeof fileSchema>>;

/**
 * Reads the secrets of `dataDir`, making them (and the folder) first when there are none. Safe when several
 * processes start at once: the first to link its file wins and the others read that one.
 * @param isSealing the file's master key is the one that seals; then none is made beside a database, which another one has sealed
 * @throws CodedError `config.data_dir_unusable` or `config.secrets_unreadable`
 */
export function loadOrCreateSecrets(dataDir: string, isSealing = true): FileSecrets {
  const path = join(dataDir, SECRETS_FILE);
  const known = read(path);
  if (known !== null) return known;
  if (isSealing && existsSync(join(dataDir, DATABASE_MARK)))
    throw new CodedError(
      'config.secrets_unreadable',
      `${path} is not there, but a database beside it that its master key seals: put it back, or set WAKALA_MASTER_KEY`,
    );
  const temporary = join(dataDir, `.${SECRETS_FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    makeFolder(dataDir, 0o700);
    writeDurably(temporary, `${JSON.stringify(generate(), null, 2)}\n`);
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      unlinkSync(temporary);
    }
    syncFolder(dataDir);
  } catch (error) {
    throw new CodedError('config.data_dir_unusable', `cannot write ${path}: ${codeOf(error) ?? String(error)}`);
  }
  const made = read(path);
  if (made === null) throw new CodedError('config.data_dir_unusable', `${path} disappeared while starting`);
  return made;
}

/**
 * Like `loadOrCreateSecrets` for who only looks. @returns null when nothing has been made yet, and could be.
 * @throws CodedError `config.data_dir_unusable` or `config.secrets_unreadable`
 */
export function loadSecrets(dataDir: string): FileSecrets | null {
  const known = read(join(dataDir, SECRETS_FILE));
  if (known !== null) return known;
  try {
    assertMakeable(dataDir);
  } catch (error) {
    throw new CodedError('config.data_dir_unusable', `cannot write into ${dataDir}: ${codeOf(error) ?? String(error)}`);
  }
  return null;
}

/** @returns null when there is no file. */
function read(path: string): FileSecrets | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    // A folder that is mounted read-only refuses the change also where there is none.
    if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, OWNER_ONLY);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new CodedError('config.secrets_unreadable', `cannot read ${path}: ${codeOf(error) ?? String(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodedError('config.secrets_unreadable', `${path} is not JSON`);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return Object.freeze(parsed.data);
  // Only names: a value here is a secret.
  const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new CodedError('config.secrets_unreadable', `${path} lacks a valid ${names}`);
}

function generate(): FileSecrets {
  return {
    jwtSecret: randomBytes(SECRET_BYTES).toString('base64url'),
    masterKey: randomBytes(SECRET_BYTES).toString('base64'),
    whatsappAppSecret: randomBytes(SECRET_BYTES).toString('hex'),
    whatsappVerifyToken: randomBytes(TOKEN_BYTES).toString('base64url'),
  };
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', OWNER_ONLY);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the new directory entry itself survive a power cut. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
