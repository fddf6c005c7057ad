/** The webhook on a real uWebSockets app at a free port, with hand-written fakes of everything behind it. */

import uws, { type us_listen_socket } from 'uWebSockets.js';
import { createHmac } from 'node:crypto';
import type { CustomerDirectory, Notice, Parking, TenantAddress, TenantDirectory } from '../../src/ports.ts';
import type { ActorSystem, Answer, SendOptions } from '../../src/runtime/behaviour.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { type Ingest, type IngestDeps, registerWhatsappWebhook } from '../../src/transport/whatsapp/ingest.ts';
import { IntakeBoard } from '../../src/transport/whatsapp/intake/intake-board.ts';
import type { IntakeRules } from '../../src/transport/whatsapp/intake/intake-deferral.ts';
import { Handover } from '../../src/transport/whatsapp/webhook/handover.ts';
import type { Keys } from '../../src/transport/whatsapp/webhook/people.ts';
import { createVerifier } from '../../src/transport/whatsapp/webhook/signature.ts';
import { MemoryIntakeLog } from '../support/memory-intake-log.ts';
import { NOW_MS, PHONE_NUMBER_ID } from './bodies.ts';

export const SECRET = 'app secret of the test';
export const VERIFY_TOKEN = 'verify token of the test';
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

interface Asked {
  readonly to: EntityRef;
  readonly command: { readonly type: string; readonly whatsappId: string };
  readonly options: SendOptions;
}

type ParkedItem = Parameters<Parking['park']>[0];

export interface Stage {
  readonly url: string;
  readonly port: number;
  readonly ingest: Ingest;
  readonly asked: Asked[];
  readonly parked: ParkedItem[];
  readonly warnings: string[];
  readonly log: MemoryIntakeLog;
  readonly board: IntakeBoard;
  /** Threads that were told that something waits. */
  readonly woken: number[];
  readonly handover: Handover;
  /** What the actors answer; the default accepts. */
  onAsk: (asked: Asked) => Promise<Answer> | Answer;
  onResolve: (contact: Keys) => Promise<string> | string;
  /** Whom a notice is about; the default says whoever had the old keys. */
  onMoved: (from: Keys, to: Keys, notice: Notice) => Promise<string> | string;
  /** Who is known already; the default knows everybody. */
  onKnown: (contact: Keys) => Promise<string | null> | string | null;
  onTenant: (phoneNumberId: string) => Promise<TenantAddress | null>;
  onPark: () => Promise<void>;
  post(body: object | string | Buffer, headers?: Record<string, string>): Promise<Response>;
  close(): void;
}

const TENANT: TenantAddress = { tenantId: 7, uuid: 'u', slug: 's', dataShard: 3, phoneNumberId: PHONE_NUMBER_ID, status: 'active' };

export function sign(body: string | Buffer): string {
  return `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
}

/** Two workers, whose lanes are known to be empty. */
export const THREADS = 2;

function emptyBoard(): IntakeBoard {
  const board = new IntakeBoard(IntakeBoard.allocate(THREADS));
  for (let thread = 0; thread < THREADS; thread++) board.sawEmpty(thread, board.mark(thread));
  return board;
}

// Long because it is wiring: every neighbour of the webhook, made and handed over once.
export async function stage(
  overrides: Omit<Partial<IngestDeps>, 'intake'> & { readonly intake?: Partial<IntakeRules> } = {},
): Promise<Stage> {
  const asked: Asked[] = [];
  const parked: ParkedItem[] = [];
  const warnings: string[] = [];
  const system: ActorSystem = {
    tell: () => true,
    async ask<R>(to: EntityRef, command: unknown, options: SendOptions = {}) {
      const one: Asked = { to, command: command as Asked['command'], options };
      asked.push(one);
      return (await self.onAsk(one)) as Answer<R>;
    },
  };
  const log = new MemoryIntakeLog();
  const board = emptyBoard();
  const woken: number[] = [];
  const handover = new Handover({
    system,
    tenants: { byPhoneNumberId: (id: string) => self.onTenant(id) } as TenantDirectory,
    customers: {
      resolve: async (_tenantId: number, contact: Keys) => self.onResolve(contact),
      known: async (_tenantId: number, contact: Keys) => self.onKnown(contact),
      moved: async (_tenantId: number, from: Keys, to: Keys, notice: Notice) => self.onMoved(from, to, notice),
    } as unknown as CustomerDirectory,
    parking: {
      async park(item) {
        await self.onPark();
        parked.push(item);
      },
    },
    nowMs: () => NOW_MS,
    monotonicMs: () => 0,
    warn: (_facts, text) => warnings.push(text),
  });
  const app = uws.App();
  const { intake, ...rest } = overrides;
  const ingest = registerWhatsappWebhook(app, {
    verify: createVerifier([SECRET]),
    verifyToken: VERIFY_TOKEN,
    handover,
    intake: {
      log,
      board,
      threads: THREADS,
      always: false,
      above: 1_000_000,
      messagesMax: 1_000,
      bytesMax: 1024 * 1024,
      wake: (thread) => woken.push(thread),
      ...intake,
    },
    bodyMaxBytes: BODY_MAX_BYTES,
    bodyTimeoutMs: 5_000,
    inFlightMax: 100,
    nowMs: () => NOW_MS,
    warn: (_facts, text) => warnings.push(text),
    ...rest,
  });
  let socket: us_listen_socket | false = false;
  app.listen('127.0.0.1', 0, (listening) => {
    socket = listening;
  });
  if (!socket) throw new Error('no port is free');
  const port = uws.getSocketPort(socket);
  const url = `http://127.0.0.1:${port}/webhooks/whatsapp`;
  const self: Stage = {
    url,
    port,
    ingest,
    asked,
    parked,
    warnings,
    log,
    board,
    woken,
    handover,
    onAsk: () => ({ ok: true, value: null }),
    onResolve: ({ waId, userId }) => `cus_${waId ?? userId}`,
    onMoved: (from) => self.onResolve(from),
    onKnown: (keys) => self.onResolve(keys),
    onTenant: async (id) => (id === PHONE_NUMBER_ID ? TENANT : null),
    onPark: async () => {},
    post(body, headers = {}) {
      const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      return fetch(url, { method: 'POST', body: raw, headers: { 'x-hub-signature-256': sign(raw), ...headers } });
    },
    close: () => uws.closeSocket(socket as us_listen_socket),
  };
  return self;
}
