/** What is taken for an outage, and what an operator is told when the database cannot be used at all. */
import { createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectClient, createPool } from '../../src/persistence/postgres/connect.ts';
import { migrate } from '../../src/persistence/postgres/migrate.ts';
import { isOutage, startProblem } from '../../src/persistence/postgres/outage.ts';
import { ScratchDatabase } from './scratch-database.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterAll(() => database.close());

const rejection = (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(
    () => null,
    (error: unknown) => error,
  );

describe('an outage', () => {
  it('is a server that nobody answers for, that does not answer in time, or that has no room; a wrong statement is none', async () => {
    const silent = createServer((socket: Socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const at = (where: number) =>
      createPool({ address: { host: '127.0.0.1', port: where, user: 'x' }, role: null, statementTimeoutMs: 100 }, 1);
    const frozen = at(port);
    const waiting = [rejection(frozen.query('select 1')), rejection(frozen.query('select 1'))];
    const gone = at(1);
    expect((await Promise.all([...waiting, rejection(gone.query('select 1'))])).map(isOutage)).toEqual([true, true, true]);
    silent.close();

    const slow = createPool({ address: database.address, role: null, statementTimeoutMs: 50 }, 1);
    expect(isOutage(await rejection(slow.query('select pg_sleep(5)')))).toBe(true);
    // Its answer comes in time, however long that is.
    const patient = createPool({ address: database.address, role: null, statementTimeoutMs: 60_000 }, 1);
    expect(isOutage(await rejection(patient.query('select nonsense')))).toBe(false);
    expect(isOutage(await rejection(patient.query('select pg_terminate_backend(pg_backend_pid())')))).toBe(true);
    const full = Object.assign(new pg.DatabaseError('could not extend file', 1, 'error'), { code: '53100' });
    expect([full, new TypeError('x'), new Error('x'), 'x', null].map(isOutage)).toEqual([true, false, false, false, false]);
    await Promise.all([frozen.end(), gone.end(), slow.end(), patient.end()]);
  });
});

describe('a database that cannot be used', () => {
  it('is told by a code of its own: unknown, without rights, refused', async () => {
    const as = (address: object) =>
      connectClient({ address: { ...database.address, ...address }, role: null, statementTimeoutMs: 5_000 }, () => undefined);
    await database.admin.query('create role nobody_much login');
    const weak = await as({ user: 'nobody_much' });
    const told = [await rejection(as({ database: 'nowhere' })), await rejection(as({ user: 'stranger' })), await rejection(migrate(weak))];
    await weak.end();
    expect(told.map((error) => (startProblem(error) as { code?: unknown }).code)).toEqual([
      'database.not_found',
      'database.login_refused',
      'database.no_rights',
    ]);
  });

  it('is told when it is older than the oldest version that works', async () => {
    const answers = (number: string) => ({ query: async () => ({ rows: [{ number, shown: number }] }) }) as unknown as pg.Client;
    expect(startProblem(await rejection(migrate(answers('130014'))))).toMatchObject({ code: 'database.too_old' });
  });
});

it('a URL that asks for an encrypted connection is taken at its word, without a warning on standard error', async () => {
  const warnings: string[] = [];
  const hear = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', hear);
  for (const mode of ['prefer', 'require', 'verify-ca']) {
    const silent = createServer().listen(0, '127.0.0.1');
    const asked = new Promise<Buffer>((resolve) =>
      silent.once('connection', (socket: Socket) =>
        socket.once('data', (bytes) => {
          socket.destroy();
          resolve(bytes);
        }),
      ),
    );
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const address = { connectionString: `postgres://u:p@127.0.0.1:${port}/x?sslmode=${mode}` };
    const pending = rejection(connectClient({ address, role: null, statementTimeoutMs: 100 }, () => undefined));
    // PostgreSQL's request for TLS: length 8, code 80877103.
    expect([mode, (await asked).toString('hex')]).toEqual([mode, '0000000804d2162f']);
    expect(await pending).not.toBeNull();
    silent.close();
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});
