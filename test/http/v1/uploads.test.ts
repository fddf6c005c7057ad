/** How bodies come in: a slow upload is waited for where its route says so, and nobody's body is taken before the caller is known. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { json } from '../../../src/transport/http/message.ts';
import { Problem } from '../../../src/transport/http/problem.ts';
import { PROOF_BYTES_MAX, PROOF_MIN_BYTES_PER_S } from '../../../src/transport/http/v1/proof-content.ts';
import { jpeg } from '../pictures.ts';
import { call, deferred, type Respond, startApi, startApp, stopApps, tokenOf } from '../support.ts';
import { DRIVER, driverView, ORDER } from './fleet.ts';

const PROOF = `/v1/orders/${ORDER}/proof`;
const BODY_TIMEOUT_MS = 100;
const MIB = 1024 * 1024;
/** More than one read of a socket brings, much less than what the tests send. */
const FIRST_READ_MAX = MIB;

const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stopApps();
});

/** A connection that is written to bit by bit; `until` resolves to all that came back once it fits. */
async function open(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let got = '';
  let look: () => void = () => undefined;
  const take = (text: string): void => {
    got += text;
    look();
  };
  socket.on('data', (chunk) => take(chunk.toString('latin1')));
  socket.on('close', () => take('(closed)'));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      look = () => {
        if (pattern.test(got)) resolve(got);
      };
      look();
    });
  return { write: (data: string | Buffer) => void socket.write(data), until, destroy: () => void socket.destroy() };
}

function head(path: string, bytes: number, lines: readonly string[] = []): string {
  return [`POST ${path} HTTP/1.1`, 'host: x', `content-length: ${bytes}`, ...lines, '', ''].join('\r\n');
}

/** A clock that only the test moves. */
function handClock() {
  let atMs = 1_700_000_000_000;
  let readers: (() => void)[] = [];
  const monotonicMs = (): number => {
    for (const tell of readers.splice(0)) tell();
    return atMs;
  };
  const advance = (ms: number): void => {
    atMs += ms;
  };
  /** While nothing is sent or awaits an answer only the sweep of deadlines looks at it, and has swept when this resolves. */
  const sweep = (ms: number): Promise<void> => {
    advance(ms);
    return new Promise((resolve) => {
      readers = [...readers, resolve];
    });
  };
  return { nowMs: () => atMs, monotonicMs, advance, sweep };
}

const held = async (app: { readonly heldBytes: number }, bytes: number): Promise<void> =>
  await expect.poll(() => app.heldBytes, { interval: 1 }).toBeGreaterThanOrEqual(bytes);

/** A picture of about 128 KiB. */
function photo(): Buffer {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65_533)]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, comment, jpeg.subarray(2)]);
}

const takesProof: Respond = ({ to, command }) => {
  if (to.kind === 'driver') return { ok: true, value: driverView(to.id) };
  const { piece, by, stored } = command as unknown as { piece: object; by: { role: string; id: string }; stored: boolean };
  const proof = stored ? { n: 1, ...piece, atMs: 1_700_000_000_000, by: by.role, byId: by.id } : null;
  return { ok: true, value: { customerId: 'cus_1', proof } };
};

describe('a slow body', () => {
  /** A driver whose photo has begun to come, on a server that knows the tokens: the time of a body runs from the gate's yes. */
  async function slowWorld() {
    const clock = handClock();
    const api = startApi(takesProof, {}, { bodyTimeoutMs: BODY_TIMEOUT_MS, ...clock });
    const [token, staff] = [await tokenOf('driver', undefined, DRIVER), await tokenOf('staff')];
    for (const known of [token, staff]) await call(api, 'GET', PROOF, { token: known });
    const authorization = `authorization: Bearer ${token}`;
    const body = photo();
    const proof = await open(api.port);
    proof.write(head(PROOF, body.length, [authorization, 'content-type: image/jpeg']));
    proof.write(body.subarray(0, PROOF_MIN_BYTES_PER_S));
    await held(api.app, PROOF_MIN_BYTES_PER_S);
    return { clock, api, body, proof, staff };
  }

  test('of a proof is waited for beyond the time that ends the same body elsewhere', async () => {
    const { clock, api, body, proof, staff } = await slowWorld();
    const other = await open(api.port);
    other.write(head('/v1/quotes', body.length, [`authorization: Bearer ${staff}`]));
    other.write(body.subarray(0, PROOF_MIN_BYTES_PER_S));
    await held(api.app, 2 * PROOF_MIN_BYTES_PER_S);
    clock.advance(BODY_TIMEOUT_MS + 1);
    expect(await other.until(/\(closed\)/)).toContain('request.body_timeout');
    expect(api.app.inFlight).toBe(1);
    proof.write(body.subarray(PROOF_MIN_BYTES_PER_S));
    expect(await proof.until(/\}$/)).toMatch(/^HTTP\/1.1 201 /);
  });

  test('of a proof that stops coming has the time that its bytes earned and no more', async () => {
    const { clock, api, proof } = await slowWorld();
    await clock.sweep(BODY_TIMEOUT_MS + 999);
    expect(api.app.inFlight).toBe(1);
    clock.advance(2);
    expect(await proof.until(/\(closed\)/)).toContain('request.body_timeout');
  });

  /** Of 1 MiB, on a server whose own limit is far away; nothing but the head has come. */
  async function patientWorld() {
    const clock = handClock();
    const { app, port } = startApp(
      (it) => it.route('POST', '/a', (request) => json(200, { bytes: request.body.length }), { bodyMaxBytes: MIB }),
      { bodyTimeoutMs: 60_000, ...clock },
    );
    const upload = await open(port);
    upload.write(head('/a', MIB));
    await expect.poll(() => app.inFlight, { interval: 1 }).toBe(1);
    return { clock, app, upload };
  }

  test.each([0, 159 * 1024])(
    'that stops after %i bytes hears why before the library, whose window is 8 s at least, hangs up',
    async (bytes) => {
      const { clock, app, upload } = await patientWorld();
      await clock.sweep(1_000);
      upload.write(Buffer.alloc(bytes));
      await held(app, bytes);
      await clock.sweep(6_400);
      expect(app.inFlight).toBe(1);
      clock.advance(200);
      expect(await upload.until(/\(closed\)/)).toContain('request.body_timeout');
    },
  );

  test('has a further window for each 160 KiB', async () => {
    const { clock, app, upload } = await patientWorld();
    for (let sent = 163_840; sent < MIB; sent += 163_840) {
      await clock.sweep(7_000);
      upload.write(Buffer.alloc(163_840));
      await held(app, sent);
    }
    await clock.sweep(7_000);
    expect(app.inFlight).toBe(1);
    upload.write(Buffer.alloc(MIB % 163_840));
    expect(await upload.until(/\}$/)).toMatch(/^HTTP\/1.1 200 /);
  });

  test('that came at last leaves its handler the whole time of a request', async () => {
    const clock = handClock();
    const app = startApp(
      (it) => it.route('POST', '/a', (request) => json(200, { leftMs: request.deadlineMs - clock.nowMs() }), { bodyMinBytesPerS: 1 }),
      { bodyTimeoutMs: BODY_TIMEOUT_MS, requestTimeoutMs: 500, ...clock },
    );
    const slow = await open(app.port);
    slow.write(`${head('/a', 4)}xx`);
    await held(app.app, 2);
    clock.advance(2_000);
    slow.write('xx');
    expect(await slow.until(/\}$/)).toContain('{"leftMs":500}');
  });
});

describe('a body of a stranger', () => {
  test.each([
    ['no token', [], 401, 'auth.missing_token'],
    ['a forged token', ['authorization: Bearer a.b.c'], 401, 'auth.invalid_token'],
  ])('of two megabytes with %s is refused at its head, and read past without being kept', async (_what, lines, status, code) => {
    const api = startApi(takesProof);
    const client = await open(api.port);
    client.write(head(PROOF, PROOF_BYTES_MAX, lines));
    expect(await client.until(/\}$/)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*${code}`));
    client.write(Buffer.alloc(PROOF_BYTES_MAX));
    client.write('GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n');
    await client.until(/\}HTTP\/1.1 200 /);
    expect([api.app.heldBytes, api.app.inFlight, api.system.asked]).toEqual([0, 0, []]);
  });

  test('is refused on every path that takes one, by the token and by the role', async () => {
    const api = startApi();
    const auditor = `authorization: Bearer ${await tokenOf('auditor')}`;
    for (const path of [PROOF, '/v1/orders', '/v1/products', '/v1/drivers']) {
      const anonymous = await open(api.port);
      anonymous.write(head(path, 1_000));
      expect(await anonymous.until(/\}$/)).toContain('auth.missing_token');
      const reader = await open(api.port);
      reader.write(head(path, 1_000, [auditor]));
      expect(await reader.until(/\}$/)).toContain('auth.forbidden');
    }
  });

  test('of unknown length costs the connection', async () => {
    const api = startApi();
    const client = await open(api.port);
    client.write(`POST ${PROOF} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n`);
    expect(await client.until(/\(closed\)/)).toContain('auth.missing_token');
  });
});

describe('while the gate has not answered', () => {
  const SENT = 32 * MIB;

  /** A request whose gate waits for the test, with more body than the server should take by then. */
  async function waiting(options: Parameters<typeof startApp>[1] = {}) {
    const gate = deferred<Problem | null>();
    const app = startApp(
      (it) =>
        it.gatedRoute(
          'POST',
          '/a',
          async () => {
            const refusal = await gate.promise;
            if (refusal !== null) throw refusal;
            return (request) => json(200, { bytes: request.body.length, last: request.body.at(-1) });
          },
          { bodyMaxBytes: 2 * SENT },
        ),
      options,
    );
    const client = await open(app.port);
    client.write(head('/a', SENT));
    client.write(Buffer.alloc(SENT, 7));
    await held(app.app, 1);
    for (let turn = 0; turn < 50; turn++) await call(app, 'GET', '/missing');
    return { app, client, gate };
  }

  test('no more of a body is held than one read brought, and nothing of it is lost', async () => {
    const { app, client, gate } = await waiting();
    expect(app.app.heldBytes).toBeLessThanOrEqual(FIRST_READ_MAX);
    gate.resolve(null);
    expect(await client.until(/\}$/)).toContain(`{"bytes":${SENT},"last":7}`);
  });

  test('a refusal is seen by a client that still writes, and the connection serves on', async () => {
    const { app, client, gate } = await waiting();
    gate.resolve(new Problem('auth.forbidden'));
    expect(await client.until(/\}$/)).toContain('auth.forbidden');
    client.write('GET /missing HTTP/1.1\r\nhost: x\r\n\r\n');
    await client.until(/\}HTTP\/1.1 404 /);
    expect([app.app.heldBytes, app.defects]).toEqual([0, []]);
  });

  test('a gate past the deadline is answered for with 504, and what it says later is dropped', async () => {
    const clock = handClock();
    const { app, client, gate } = await waiting({ ...clock, requestTimeoutMs: 500 });
    clock.advance(501);
    expect(await client.until(/\}$/)).toContain('runtime.timeout');
    gate.resolve(null);
    client.write('GET /missing HTTP/1.1\r\nhost: x\r\n\r\n');
    await client.until(/\}HTTP\/1.1 404 /);
    expect([app.app.inFlight, app.defects]).toEqual([0, []]);
  });

  test('a client that goes frees its place once the gate has answered', async () => {
    const gone = deferred<boolean>();
    const { app, client, gate } = await waiting({ observe: ({ aborted, route }) => route === '/a' && gone.resolve(aborted) });
    client.destroy();
    gate.resolve(null);
    expect(await gone.promise).toBe(true);
    expect((await call(app, 'GET', '/missing')).status).toBe(404);
    expect([app.app.heldBytes, app.app.inFlight, app.defects]).toEqual([0, 0, []]);
  });

  test('nothing is run for a client that has gone by then', async () => {
    const [gate, gone] = [deferred(), deferred<boolean>()];
    let runs = 0;
    const app = startApp(
      (it) =>
        it.gatedRoute('POST', '/a', async () => {
          await gate.promise;
          return () => json(200, { runs: ++runs });
        }),
      { observe: ({ aborted, route }) => route === '/a' && gone.resolve(aborted) },
    );
    const client = await open(app.port);
    client.write(`${head('/a', 5)}hello`);
    await held(app.app, 5);
    client.destroy();
    expect(await gone.promise).toBe(true);
    gate.resolve();
    expect((await call(app, 'GET', '/missing')).status).toBe(404);
    expect([runs, app.app.heldBytes, app.defects]).toEqual([0, 0, []]);
  });

  test('a body that came whole with its head waits for the handler, in one piece or in chunks', async () => {
    const gate = deferred();
    const app = startApp((it) =>
      it.gatedRoute('POST', '/a', async () => {
        await gate.promise;
        return (request) => json(200, { text: request.body.toString() });
      }),
    );
    const [plain, chunked] = [await open(app.port), await open(app.port)];
    plain.write(`${head('/a', 5)}hello`);
    chunked.write('POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n');
    await held(app.app, 10);
    gate.resolve();
    for (const client of [plain, chunked]) expect(await client.until(/\}$/)).toContain('{"text":"hello"}');
  });
});
