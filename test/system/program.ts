/** The built program as a child process on ports and a data folder of its own, and hands to poke it with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../../src/persistence/embedded/postmaster.ts';
import { mintToken } from '../../src/transport/http/token.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const PHONE = '200000000000001';
/** Less than a hook may take: a machine that is busy with other things takes many times what it takes alone. */
const READY_MS = 110_000;

interface Posted {
  readonly status: number;
  readonly retryAfter: string | null;
}

/** To a process that may have ended by itself meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export class Program {
  readonly dataDir = mkdtempSync(path.join(tmpdir(), 'wakala-test-'));
  readonly extra: Readonly<Record<string, string>>;
  readonly #through: readonly string[];
  port = 0;
  opsPort = 0;
  output = '';
  #child: ChildProcess | null = null;

  /** @param through a command that runs the program given to it, in its own place; it may give it other mounts */
  constructor(extra: Readonly<Record<string, string>> = {}, through: (dataDir: string) => readonly string[] = () => []) {
    this.extra = extra;
    this.#through = through(this.dataDir);
  }

  /** A file of the data folder as the running program sees it, whatever is mounted there. */
  file(name: string): string {
    const seen = this.#through.length === 0 ? this.dataDir : path.join(`/proc/${this.#child?.pid}/root`, this.dataDir);
    return path.join(seen, name);
  }

  get environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      PORT: String(this.port),
      WAKALA_OPS_PORT: String(this.opsPort),
      WAKALA_DATA_DIR: this.dataDir,
      // However many cores the machine has: some tests replace the second thread.
      WAKALA_WORKERS: '2',
      LOG_LEVEL: 'error',
      ...this.extra,
    };
  }

  /** Starts and waits until it may take traffic. */
  async start(): Promise<void> {
    if (this.port === 0) [this.port, this.opsPort] = [await freePort(), await freePort()];
    const [command = '', ...args] = [...this.#through, process.execPath, path.join(ROOT, 'bin/wakala.js'), 'serve'];
    const child = spawn(command, args, {
      env: this.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    const deadlineMs = Date.now() + READY_MS;
    while (!(await this.ready())) {
      if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`not ready: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async ready(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.opsPort}/readyz`)).ok;
    } catch {
      // Nobody listens yet.
      return false;
    }
  }

  /** @returns the sum of a figure of `/metrics` over its labels; of every figure whose name begins so. */
  async figure(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.opsPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Most memory that the process ever held, bytes. Linux. */
  peakMemoryBytes(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** @throws while there is none, and while it writes down which it is */
  postgresPid(): number {
    const pid = Number(readFileSync(this.file('pg/postmaster.pid'), 'utf8').split('\n')[0]);
    if (!(pid > 0)) throw new Error('the database has not said yet which process it is');
    return pid;
  }

  /**
   * Does something to the database and everything that it runs; to nothing while it cannot even start. To the database first, and again
   * until nothing new is there: what it starts meanwhile must not escape.
   * @returns the processes it was done to
   */
  eachOfPostgres(work: (pid: number) => void): number[] {
    if (!existsSync(this.file('pg/postmaster.pid'))) return [];
    const done = [this.postgresPid()];
    for (let fresh = [...done]; fresh.length > 0; done.push(...fresh)) {
      for (const pid of fresh) work(pid);
      fresh = childrenOf(done[0]!).filter((pid) => !done.includes(pid));
    }
    return done;
  }

  /** Stops the whole database in the middle of whatever it does. @returns what lets it go on, once or more often */
  freezePostgres(): () => void {
    const pids = this.eachOfPostgres((pid) => signal(pid, 'SIGSTOP'));
    return () => {
      for (const pid of pids) signal(pid, 'SIGCONT');
    };
  }

  /** Everything at once, as a power cut would: the process group, and the database with it. */
  async kill9(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const postgres = this.postgresPid();
    process.kill(-child.pid, 'SIGKILL');
    process.kill(postgres, 'SIGKILL');
    await ended;
    this.#child = null;
  }

  /** Until all that it said is in `output`. @returns the exit code of an orderly stop. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === null) return null;
    this.#child = null;
    if (child.exitCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    child.kill('SIGTERM');
    return ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  secrets(): { readonly jwtSecret: string; readonly whatsappAppSecret: string; readonly whatsappVerifyToken: string } {
    return JSON.parse(readFileSync(this.file('secrets.json'), 'utf8'));
  }

  url(pathname: string): string {
    return `http://127.0.0.1:${this.port}${pathname}`;
  }

  async postRaw(body: string | Buffer, signature?: string): Promise<Posted> {
    const signed = signature ?? `sha256=${createHmac('sha256', this.secrets().whatsappAppSecret).update(body).digest('hex')}`;
    const answer = await fetch(this.url('/webhooks/whatsapp'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': signed },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    await answer.arrayBuffer();
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  }

  post(messages: readonly object[], waId: string): Promise<Posted> {
    return this.postRaw(webhook(messages, waId));
  }

  text(waId: string, text: string, id: string = randomUUID()): Promise<Posted> {
    return this.post(
      [{ from: waId, id: `wamid.${id}`, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body: text } }],
      waId,
    );
  }

  tap(waId: string, id: string): Promise<Posted> {
    const reply = { type: 'button_reply', button_reply: { id, title: id } };
    return this.post(
      [
        {
          from: waId,
          id: `wamid.${randomUUID()}`,
          timestamp: String(Math.floor(Date.now() / 1000)),
          type: 'interactive',
          interactive: reply,
        },
      ],
      waId,
    );
  }

  pin(waId: string): Promise<Posted> {
    const location = { latitude: -26.25, longitude: 27.86, name: 'home' };
    return this.post(
      [{ from: waId, id: `wamid.${randomUUID()}`, timestamp: String(Math.floor(Date.now() / 1000)), type: 'location', location }],
      waId,
    );
  }

  /** Calls the API as staff of the demo shop. */
  async api<T>(
    pathname: string,
    init: { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: T }> {
    const info = (await (await fetch(this.url('/sandbox/info'))).json()) as { tenant: { id: string } };
    const token = await mintToken({
      secret: this.secrets().jwtSecret,
      sub: 'test',
      roles: ['tenant_owner'],
      tenantId: info.tenant.id,
      ttlS: 600,
      nowMs: Date.now(),
    });
    const answer = await fetch(this.url(pathname), {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  async all<T>(pathname: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: { status: number; body: { items: T[]; next_cursor: string | null } } = await this.api(
        `${pathname}${pathname.includes('?') ? '&' : '?'}limit=500${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      if (page.status !== 200) throw new Error(`${pathname} answered ${page.status}: ${JSON.stringify(page.body)}`);
      items.push(...page.body.items);
      cursor = page.body.next_cursor;
    } while (cursor !== null);
    return items;
  }

  async chat(waId: string): Promise<readonly SandboxMessage[]> {
    return ((await (await fetch(this.url(`/sandbox/messages?wa_id=${waId}`))).json()) as { items: SandboxMessage[] }).items;
  }

  /** Ids of the buttons of the last message that has any. */
  async buttons(waId: string): Promise<string[]> {
    for (const message of [...(await this.chat(waId))].reverse()) {
      const buttons = message.graph?.interactive?.action?.buttons;
      if (message.direction === 'out' && buttons !== undefined) return buttons.map((button) => button.reply.id);
    }
    return [];
  }
}

interface SandboxMessage {
  readonly direction: 'in' | 'out';
  readonly body: string;
  readonly status: string;
  readonly whatsapp_id: string | null;
  readonly graph?: {
    readonly interactive?: { readonly action?: { readonly buttons?: readonly { readonly reply: { readonly id: string } }[] } };
  };
}

export function webhook(messages: readonly object[], waId: string): string {
  const contacts = [{ profile: { name: 'Thandi' }, wa_id: waId, user_id: `ZA.${waId}0000` }];
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '27600000100', phone_number_id: PHONE },
    contacts,
    messages,
  };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '100000000000001', changes: [{ field: 'messages', value }] }],
  });
}
