/** What the environment may say, what is made when it says nothing, and that its page of documentation is of today. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PAGES } from '../../scripts/docs.ts';
import { loadConfig } from '../../src/config.ts';
import { errorEntry } from '../../src/errors.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wakala-config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const production = {
  DATABASE_URL: 'postgres://u:p@db.example/wakala',
  WAKALA_JWT_SECRET: 'j'.repeat(32),
  WAKALA_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  WHATSAPP_APP_SECRET: 'one, two',
  WHATSAPP_VERIFY_TOKEN: 'verify',
};

function load(env: Record<string, string>) {
  return loadConfig({ WAKALA_DATA_DIR: dir, ...env });
}

function names(env: Record<string, string>): string[] {
  const result = load(env);
  return result.ok ? [] : result.problems.map((problem) => problem.name);
}

function configOf(env: Record<string, string>) {
  const result = load(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

describe('configuration', () => {
  test('every problem is told at once, without any value', () => {
    const env = {
      PORT: '80a',
      DATABASE_URL: 'mysql://root:hunter2@db',
      WAKALA_MASTER_KEY: 'c2hvcnQ=',
      LOG_LEVEL: 'loud',
      WAKALA_WORKERS: '0',
      WAKALA_SANDBOX: 'yes',
    };
    const result = load(env);
    expect(names(env).sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'WAKALA_JWT_SECRET',
      'WAKALA_MASTER_KEY',
      'WAKALA_SANDBOX',
      'WAKALA_WORKERS',
      'WHATSAPP_APP_SECRET',
      'WHATSAPP_VERIFY_TOKEN',
    ]);
    expect(JSON.stringify(result)).not.toMatch(/hunter2|c2hvcnQ|loud/);
  });

  test('variables that somebody set and nothing reads are named', () => {
    expect(configOf({}).ignoredVariables).toEqual([]);
    const env = { NATS_URL: 'nats://127.0.0.1', OZOW_URL: 'https://ozow.example', REDIS_URL: ' ', PORT: '9000' };
    expect(configOf(env).ignoredVariables).toEqual(['NATS_URL', 'OZOW_URL']);
  });

  test('the defaults are those of the public interface', () => {
    const config = configOf({});
    expect(config.http).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      webhookBodyMaxBytes: 4 * 1024 * 1024,
      apiBodyMaxBytes: 1024 * 1024,
    });
    expect(config.ops).toEqual({ host: '127.0.0.1', port: 9090 });
    expect(config.database.url).toBeNull();
    expect(config.whatsapp).toMatchObject({ graphUrl: 'https://graph.facebook.com', graphVersion: 'v23.0' });
    expect(config.runtime.mailboxCapacity).toBe(1024);
    expect(config.journal).toEqual({ batchMax: 500, flushMs: 2 });
    expect([config.embedded, config.sandbox, config.logLevel]).toEqual([true, true, 'info']);
  });

  test('empty strings count as unset, and port 0 is allowed', () => {
    const config = configOf({ PORT: '0', WAKALA_OPS_PORT: '0', HOST: '', DATABASE_URL: ' ', LOG_LEVEL: '' });
    expect([config.http.port, config.ops.port, config.http.host, config.embedded]).toEqual([0, 0, '127.0.0.1', true]);
  });

  test('with a database every secret is required, the sandbox is off and nothing is written', () => {
    expect(names({ DATABASE_URL: production.DATABASE_URL }).sort()).toEqual([
      'WAKALA_JWT_SECRET',
      'WAKALA_MASTER_KEY',
      'WHATSAPP_APP_SECRET',
      'WHATSAPP_VERIFY_TOKEN',
    ]);
    const config = configOf(production);
    expect([config.embedded, config.sandbox, config.secrets.whatsappAppSecrets]).toEqual([false, false, ['one', 'two']]);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a key server replaces the token secret', () => {
    const { WAKALA_JWT_SECRET: _, ...rest } = production;
    expect(names({ ...rest, WAKALA_JWKS_URL: 'https://id.example/keys' })).toEqual([]);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['PORT', '0x50'],
    ['HOST', 'a b'],
    ['WAKALA_JWT_SECRET', 'short'],
    ['WAKALA_MASTER_KEY', 'not base64 at all!'],
    ['WHATSAPP_APP_SECRET', 'a,,b'],
    ['WHATSAPP_GRAPH_URL', 'ftp://x'],
    ['WHATSAPP_GRAPH_VERSION', '23'],
    ['NATS_URL', 'localhost:4222'],
    ['WAKALA_PUBLIC_URL', 'https://shop.example/?from=chat'],
    ['WAKALA_PUBLIC_URL', 'https://shop.example/#'],
    ['WAKALA_PUBLIC_URL', 'https://shop.example\r'],
    ['WHATSAPP_GRAPH_URL', ' https://graph.example'],
    ['WAKALA_JWKS_URL', 'https://id.example/keys\n'],
    ['WAKALA_NODE_ID', 'a/b'],
    ['WAKALA_JOURNAL_BATCH_MAX', '0'],
  ])('%s=%s is refused', (name, value) => {
    expect(names({ [name]: value })).toEqual([name]);
  });

  test('contradictions are refused', () => {
    expect(names({ PORT: '9000', WAKALA_OPS_PORT: '9000' })).toEqual(['WAKALA_OPS_PORT']);
    expect(names({ WAKALA_MAILBOX_TOTAL: '1024', WAKALA_MAILBOX_CAPACITY: '2048' })).toEqual(['WAKALA_MAILBOX_TOTAL']);
  });

  test('the result cannot be changed, at any depth, and can be handed to a thread', () => {
    const config = configOf({});
    expect(Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.secrets.whatsappAppSecrets)).toBe(true);
    expect(structuredClone(config)).toEqual(config);
  });
});

describe('generated secrets', () => {
  test('they are made once, kept for the owner alone, and strong enough', () => {
    const first = configOf({}).secrets;
    expect(configOf({}).secrets).toEqual(first);
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['secrets.json']);
    expect(Buffer.byteLength(first.jwtSecret)).toBeGreaterThanOrEqual(32);
    expect(Buffer.from(first.masterKey, 'base64')).toHaveLength(32);
  });

  test('none are made beside a database that others have sealed, unless the environment has the key', () => {
    mkdirSync(join(dir, 'pg'));
    writeFileSync(join(dir, 'pg', 'PG_VERSION'), '18');
    const result = load({});
    expect(result).toMatchObject({ ok: false, problems: [{ name: 'WAKALA_DATA_DIR' }] });
    expect(JSON.stringify(result)).toContain('config.secrets_unreadable');
    expect(readdirSync(dir)).toEqual(['pg']);
    expect(configOf({ WAKALA_MASTER_KEY: production.WAKALA_MASTER_KEY }).secrets.masterKey).toBe(production.WAKALA_MASTER_KEY);
  });

  test('one from the environment wins over the file', () => {
    expect(configOf({ WAKALA_JWT_SECRET: 'e'.repeat(40) }).secrets.jwtSecret).toBe('e'.repeat(40));
  });

  test('a damaged file is a problem and is never replaced', () => {
    for (const damaged of ['{', '{"jwtSecret":"x"}', '']) {
      writeFileSync(join(dir, 'secrets.json'), damaged);
      const result = load({});
      expect(result.ok ? '' : result.problems[0]!.problem).toContain('config.secrets_unreadable');
      expect(readFileSync(join(dir, 'secrets.json'), 'utf8')).toBe(damaged);
    }
  });

  test('a file that others could read is closed to them', () => {
    configOf({});
    chmodSync(join(dir, 'secrets.json'), 0o644);
    configOf({});
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  test('a data folder that is a file is a problem', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(names({ WAKALA_DATA_DIR: join(dir, 'file') })).toEqual(['WAKALA_DATA_DIR']);
  });
});

describe('documents', () => {
  test.each(PAGES)('$path is what the registry says: run `npx tsx scripts/docs.ts`', ({ path, render }) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(render());
  });

  test('every code that the source names is registered', () => {
    const source = new URL('../../src/', import.meta.url);
    const groups =
      'auth|cluster|config|conversation|database|customer|idempotency|order|privacy|product|request|runtime|sandbox|secret|tenant|webhook|whatsapp|worker';
    const code = new RegExp(`(?:code|reason|unavailable|Problem\\(|fail\\()[^\\n]{0,12}'((?:${groups})\\.[a-z_]+)'`, 'g');
    const unknown = new Set<string>();
    for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      for (const match of readFileSync(new URL(file, source), 'utf8').matchAll(code))
        if (errorEntry(match[1]!) === null) unknown.add(`${file}: ${match[1]}`);
    }
    expect([...unknown]).toEqual([]);
  });
});
