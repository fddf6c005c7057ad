/** The built program and the signals that end it: at any moment it stops in order and takes its database with it. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { Program } from '../program.ts';

/** For two starts and a stop, on a machine that is busy with other things. */
const TEST_MS = 150_000;
const WAITING_MS = 60_000;
const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../bin/wakala.js');
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'wakala-signal-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Sends the signal as soon as the program has written `said`. @returns the exit code, and the database's process when the signal was sent. */
async function endedBy(signal: NodeJS.Signals, said: string): Promise<{ readonly code: unknown; readonly databasePid: number }> {
  const env = { PATH: process.env.PATH ?? '', PORT: '0', WAKALA_OPS_PORT: '0', WAKALA_DATA_DIR: dataDir, WAKALA_WORKERS: '1' };
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let output = '';
  let databasePid = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (databasePid !== 0 || !output.includes(said)) return;
    databasePid = Number(readFileSync(path.join(dataDir, 'pg/postmaster.pid'), 'utf8').split('\n')[0]);
    child.kill(signal);
  });
  const [code] = await exit;
  return { code, databasePid };
}

test.each([
  { signal: 'SIGTERM', said: '"event":"started"', when: 'while it starts' },
  { signal: 'SIGHUP', said: 'Wakala is ready', when: 'when its terminal is closed' },
] as const)('$signal ends it in order with its database $when', { timeout: TEST_MS }, async ({ signal, said }) => {
  const { code, databasePid } = await endedBy(signal, said);
  expect(code).toBe(0);
  expect(databasePid).toBeGreaterThan(0);
  expect(existsSync(path.join(dataDir, 'pg/postmaster.pid'))).toBe(false);
  expect(existsSync(path.join(dataDir, 'pg.owner'))).toBe(false);
});

test('a webhook post whose body is still coming is answered before the node ends, which says `draining` until then', {
  timeout: TEST_MS,
}, async () => {
  // The end is not late because the test is.
  const program = new Program({ WAKALA_WORKERS: '1', WAKALA_DRAIN_TIMEOUT_MS: String(WAITING_MS) });
  try {
    await program.start();
    const body = '{"object":"whatsapp_business_account","entry":[]}';
    const signature = createHmac('sha256', program.secrets().whatsappAppSecret).update(body).digest('hex');
    const socket = connect(program.port, '127.0.0.1');
    await once(socket, 'connect');
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    const closed = once(socket, 'close');
    const head = `POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: sha256=${signature}\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, 7));
    await expect.poll(() => program.figure('wakala_webhook_in_flight_requests'), { timeout: WAITING_MS }).toBe(1);
    const ended = program.stop();
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${program.opsPort}/readyz`)).status, { timeout: WAITING_MS }).toBe(503);
    socket.write(body.slice(7));
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(await ended).toBe(0);
  } finally {
    await program.remove();
  }
});

test('a frozen database does not hold up the end for ever: it is killed, the exit code and the log say so, and nothing acknowledged is lost', {
  timeout: TEST_MS,
}, async () => {
  const program = new Program({ WAKALA_DRAIN_TIMEOUT_MS: '1000' });
  try {
    await program.start();
    const waId = '27600008001';
    const ids = Array.from({ length: 10 }, (_, i) => `frozen${i}`);
    for (const id of ids) expect((await program.text(waId, 'hi', id)).status).toBe(200);
    const databasePid = program.postgresPid();
    program.freezePostgres();
    // Somebody whose answer can no longer come.
    const asked = program.text(waId, 'hi', 'in-vain').catch(() => null);
    expect(await program.stop()).toBe(1);
    await asked;
    expect(program.output).toContain('did not stop in order');
    expect(program.output).toContain(`PostgreSQL ${databasePid} did not stop in`);
    await program.start();
    const stored = (await program.all<{ whatsapp_id: string }>(`/v1/messages?wa_id=${waId}&direction=in`)).map((item) => item.whatsapp_id);
    for (const id of ids) expect(stored.filter((other) => other === `wamid.${id}`)).toHaveLength(1);
  } finally {
    await program.remove();
  }
});

test.each([
  { what: 'whose disk is full', open: () => openSync('/dev/full', 'w') },
  { what: 'that nobody reads any more', open: () => 'pipe' as const },
])(
  'with a standard output $what it starts, serves, stops in order and takes its database with it',
  { timeout: TEST_MS },
  async ({ open }) => {
    const [port, opsPort] = [await freePort(), await freePort()];
    const env = {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      WAKALA_OPS_PORT: String(opsPort),
      WAKALA_DATA_DIR: dataDir,
      WAKALA_WORKERS: '1',
      LOG_LEVEL: 'debug',
    };
    const output = open();
    const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', output, 'inherit'] });
    const exit = once(child, 'exit');
    if (typeof output === 'number') closeSync(output);
    child.stdout?.destroy();
    const ready = () =>
      fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
        ({ status }) => status,
        () => 0,
      );
    try {
      await expect.poll(ready, { timeout: WAITING_MS }).toBe(200);
      expect((await fetch(`http://127.0.0.1:${port}/v1/tenants`)).status).toBe(401);
    } finally {
      child.kill('SIGTERM');
      await exit;
    }
    expect((await exit)[0]).toBe(0);
    expect(existsSync(path.join(dataDir, 'pg/postmaster.pid'))).toBe(false);
  },
);
