/** The public port of one thread: webhook, API, sandbox, and the sender that goes the other way. Wiring only. */
import { SEND_HANDLER } from '../../actors/conversation/protocol.ts';
import { priceQuote } from '../../actors/tenant/pricing.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { isOutage } from '../../persistence/postgres/outage.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { ApiDeps } from '../../transport/http/api/api.ts';
import { Authenticator } from '../../transport/http/auth.ts';
import { registerApi } from '../../transport/http/register-api.ts';
import { HttpApp } from '../../transport/http/server/app.ts';
import { registerSandbox } from '../../transport/sandbox/routes.ts';
import { type Ingest, registerWhatsappWebhook, WEBHOOK_METHODS, WEBHOOK_PATH } from '../../transport/whatsapp/ingest.ts';
import { IntakeBoard } from '../../transport/whatsapp/intake/intake-board.ts';
import { IntakeDrain } from '../../transport/whatsapp/intake/intake-drain.ts';
import { intakeLanesOf } from '../../transport/whatsapp/intake/intake-lane.ts';
import { toGraphBody } from '../../transport/whatsapp/sending/graph-body.ts';
import { createGraphClient, type GraphClient } from '../../transport/whatsapp/sending/graph-client.ts';
import { createWhatsappSender, type Sender } from '../../transport/whatsapp/sending/sender.ts';
import { Handover } from '../../transport/whatsapp/webhook/handover.ts';
import { createVerifier } from '../../transport/whatsapp/webhook/signature.ts';
import { baseUrl, isLoopback } from '../base-url.ts';
import { DEMO_SLUG } from '../seed.ts';
import { type DeliveryDoorOptions, fleetDeps, openDeliveryDoor, trackingUrls } from './front-door-delivery.ts';

interface FrontDoorOptions extends DeliveryDoorOptions {
  readonly thread: number;
  readonly threads: number;
  /** Of `IntakeBoard.allocate`. */
  readonly intakeBoard: SharedArrayBuffer;
}

interface FrontDoor {
  readonly api: ApiDeps;
  /** Counts what a life before left in the intake log, then takes traffic and works on both. */
  listen(): Promise<void>;
  /** No new requests; those in flight finish. */
  drain(): Promise<void>;
  /** Closes every socket now; see `HttpApp.abandon`. */
  abandon(): void;
}

export function openFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { config, database, log, metrics } = options;
  const durations = metrics.histogram('wakala_http_request_duration_seconds', 'Time from the head of a request to its reply.', [
    'method',
    'route',
    'status',
  ]);
  const app = new HttpApp({
    maxInFlight: config.http.maxInFlight,
    bodyMaxBytes: config.http.apiBodyMaxBytes,
    bodyTimeoutMs: config.http.bodyTimeoutMs,
    requestTimeoutMs: config.http.requestTimeoutMs,
    nowMs: Date.now,
    monotonicMs: systemClock.monotonicMs,
    observe: (seen) => durations.observe(seen.seconds, { method: seen.method, route: seen.route, status: String(seen.status) }),
    onDefect: (error, request) => log.error({ error, ...request }, 'request failed'),
    isOutage,
  });
  metrics.gauge('wakala_http_held_bytes', 'Bodies of API requests in memory.', { read: () => app.heldBytes });
  const { ingest, drain, handover } = openIntake(app, options);
  const graph = openGraph(options);
  const sender = createWhatsappSender({
    tenants: database.tenants,
    secrets: database.secrets,
    graph,
    sent: database.readModels,
    sandbox: config.sandbox,
    settleMs: config.whatsapp.settleMs,
    perNumberPerSecond: config.whatsapp.perNumberPerSecond,
    inFlightMax: config.whatsapp.maxInFlight,
    // It measures paces and waits only.
    nowMs: systemClock.monotonicMs,
    warn: (facts, text) => log.warn(facts, text),
  });
  sender.hold(config.whatsapp.holdReplies);
  options.handlers.set(SEND_HANDLER, sender.handler);
  const api = apiDeps(options);
  registerApi(app, api);
  const delivery = openDeliveryDoor(app, api, options);
  if (config.sandbox) registerSandboxPhone(app, api, options);
  watch(metrics, ingest, sender, handover);
  watchIntake(options, ingest, drain, handover);
  return {
    api,
    listen: async () => {
      const left = await database.intake.waiting(intakeLanesOf(options.thread, options.threads));
      new IntakeBoard(options.intakeBoard).found(options.thread, left);
      app.listen(config.http.host, options.port);
      if (!config.whatsapp.holdReplies) drain.start();
    },
    drain: async () => {
      ingest.drain();
      delivery.drain();
      await Promise.all([app.drain(config.http.drainTimeoutMs), drain.stop()]);
      await graph.close();
    },
    abandon: () => app.abandon(),
  };
}

/** Whoever looks for why customers hear nothing finds it in the log and in a gauge. */
function openGraph({ config: { whatsapp }, log, metrics }: FrontDoorOptions): GraphClient {
  let openCircuits = 0;
  metrics.gauge('wakala_whatsapp_circuit_state', '1 while a thread shuts the Graph API out because it fails; summed over threads.', {
    read: () => openCircuits,
  });
  const host = new URL(whatsapp.graphUrl).host;
  return createGraphClient({
    url: whatsapp.graphUrl,
    version: whatsapp.graphVersion,
    timeoutMs: whatsapp.timeoutMs,
    connections: whatsapp.maxInFlight,
    onCircuit: (isOpen) => {
      openCircuits = isOpen ? 1 : 0;
      if (isOpen) log.warn({ host }, 'the Graph API cannot be reached or fails: messages wait');
      else log.info({ host }, 'the Graph API answers again');
    },
  });
}

/** The webhook, the log behind it, and who works on what waits there. */
function openIntake(app: HttpApp, { config, database, intakeBoard, log, runtime, thread, threads }: FrontDoorOptions) {
  const warn = (facts: Readonly<Record<string, unknown>>, text: string): void => log.warn(facts, text);
  const { customers, intake, parking, tenants } = database;
  const { after, monotonicMs } = systemClock;
  const handover = new Handover({ system: runtime, tenants, customers, parking, nowMs: Date.now, monotonicMs, warn });
  const board = new IntakeBoard(intakeBoard);
  const drain = new IntakeDrain({
    log: intake,
    board,
    handover,
    thread,
    threads,
    nowMs: Date.now,
    monotonicMs,
    random: Math.random,
    after,
    warn,
  });
  app.servedElsewhere(WEBHOOK_METHODS, WEBHOOK_PATH);
  const ingest = registerWhatsappWebhook(app.native, {
    verify: createVerifier(config.secrets.whatsappAppSecrets),
    verifyToken: config.secrets.whatsappVerifyToken,
    handover,
    intake: {
      log: intake,
      board,
      threads,
      always: config.whatsapp.holdReplies,
      above: config.intake.above,
      messagesMax: config.intake.messagesMax,
      bytesMax: config.intake.bytesMax,
      wake: (of) => {
        if (of === thread && !config.whatsapp.holdReplies) drain.wake();
      },
    },
    bodyMaxBytes: config.http.webhookBodyMaxBytes,
    bodyTimeoutMs: config.http.bodyTimeoutMs,
    inFlightMax: config.http.maxInFlight,
    nowMs: Date.now,
    warn,
  });
  app.countInDrain(() => ingest.inFlight);
  return { ingest, drain, handover };
}

function watchIntake({ intakeBoard, metrics, thread }: FrontDoorOptions, ingest: Ingest, drain: IntakeDrain, handover: Handover): void {
  const read = (name: string, help: string, value: () => number): void => void metrics.gauge(name, help, { read: value });
  const board = new IntakeBoard(intakeBoard);
  const count = (name: string, help: string, value: () => number): void => metrics.tally(name, help, value);
  count('wakala_webhook_parked_entries_total', 'Webhook parts that nobody could take.', () => handover.parked);
  count('wakala_webhook_stranger_statuses_total', 'Statuses of messages to people whom nobody here knows.', () => handover.strangers);
  count(
    'wakala_webhook_malformed_user_ids_total',
    'Messages from a user id that Meta would send nothing to.',
    () => handover.malformedUserIds,
  );
  count('wakala_intake_deferred_requests_total', 'Webhook posts written down to be worked on later.', () => ingest.counters.deferred);
  read('wakala_intake_waiting_requests', 'Posts that wait in the intake log, about.', () => board.waiting(thread).messages);
  read('wakala_intake_waiting_bytes', 'Bytes that wait in the intake log, about.', () => board.waiting(thread).bytes);
  read('wakala_intake_in_work_messages', 'Parts read from the intake log and not durable yet.', () => drain.inWork);
}

function apiDeps(options: FrontDoorOptions): ApiDeps {
  const { config, database, log, runtime } = options;
  return {
    system: runtime,
    tenants: database.tenants,
    customers: database.customers,
    reads: database.readModels,
    secrets: database.secrets,
    clock: systemClock,
    auth: new Authenticator({
      secret: config.secrets.jwtSecret,
      jwksUrl: config.secrets.jwksUrl,
      cacheMax: config.http.tokenCache,
      nowMs: Date.now,
    }),
    log,
    fleet: fleetDeps(options),
    limits: { importRows: config.http.importRows, apiBodyMaxBytes: config.http.apiBodyMaxBytes },
    orders: config.orders,
    price: (view, lines, dropoff) => priceQuote({ settings: view.settings, products: view.products, lines, dropoff }),
  };
}

function registerSandboxPhone(app: HttpApp, api: ApiDeps, { config, database, feed, port, runtime }: FrontDoorOptions): void {
  registerSandbox(app, {
    system: runtime,
    tenants: database.tenants,
    customers: database.customers,
    readModels: database.readModels,
    feed,
    mintDriverToken: api.fleet.mintDriverToken,
    trackingUrl: trackingUrls(config, port),
    appSecret: config.secrets.whatsappAppSecrets[0] ?? '',
    baseUrl: () => baseUrl(config.http.host, port),
    toGraphBody,
    demoSlug: DEMO_SLUG,
    ownPages: {
      publicHost: config.publicUrl === null ? null : new URL(config.publicUrl).host,
      believesNames: !isLoopback(config.http.host),
    },
  });
}

function watch(metrics: Metrics, ingest: Ingest, sender: Sender, handover: Handover): void {
  const read = (name: string, help: string, value: () => number): void => void metrics.gauge(name, help, { read: value });
  const count = (name: string, help: string, value: () => number): void => metrics.tally(name, help, value);
  count('wakala_webhook_accepted_requests_total', 'Webhook posts answered 200.', () => ingest.counters.accepted);
  count('wakala_webhook_refused_requests_total', 'Webhook posts with a wrong signature.', () => ingest.counters.refusedSignature);
  count('wakala_webhook_unavailable_requests_total', 'Webhook posts answered 503.', () => ingest.counters.unavailable);
  read('wakala_webhook_in_flight_requests', 'Webhook posts in work.', () => ingest.inFlight);
  count('wakala_whatsapp_sent_messages_total', 'Messages that Meta or the sandbox took.', () => sender.counters.sent);
  count(
    'wakala_whatsapp_token_refusals_total',
    'Access tokens that Meta refused; their messages wait for another.',
    () => sender.counters.tokensRefused,
  );
  count(
    'wakala_whatsapp_account_faults_total',
    'Refusals and news about accounts, numbers, permissions and templates that a person has to look at.',
    () => sender.accountFaults + handover.accountNews,
  );
  read('wakala_whatsapp_frozen_numbers', 'Numbers whose messages wait until their account is put right.', () => sender.frozenNumbers);
  count('wakala_whatsapp_failed_messages_total', 'Messages given up.', () => sender.counters.failed);
  count('wakala_whatsapp_retried_messages_total', 'Attempts that will be repeated.', () => sender.counters.retried);
}
