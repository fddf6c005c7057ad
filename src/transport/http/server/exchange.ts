/**
 * One request on its way: has the body collected, runs the handler, writes the reply exactly once or never. It must never
 * know a route's meaning.
 *
 * Modes: `admitting` (entered by `admit`; left by the gate's answer, the size limit, the deadline, an abort), `reading` (entered by
 * the constructor, or by the gate's yes; left by the last chunk, the size limit, the body timeout, an abort), `handling` (left by
 * the handler's reply, the deadline, an abort), `streaming` (entered by a stream reply; left by its end, an abort, the app's
 * drain), `done` (nothing is written any more). While paused, in `admitting` only, an abort is noticed when the pause ends.
 */
import type { HttpResponse } from 'uWebSockets.js';
import type { Gate, Handler, HttpReply, HttpRequest, ReplyStream, StreamReply } from '../message.ts';
import { Problem, problemBody, problemOfFault } from '../problem.ts';
import { BodyPatience } from './body-patience.ts';
import { IncomingBody } from './incoming-body.ts';
import { endBodiless, writeHead } from './reply-head.ts';

export type Outcome = { readonly status: number; readonly aborted: boolean };

/** What the app lends to each exchange. */
export interface ExchangeHost {
  readonly bodyTimeoutMs: number;
  readonly requestTimeoutMs: number;
  nowMs(): number;
  monotonicMs(): number;
  /** True while the app drains: connections are closed with the reply. */
  draining(): boolean;
  finished(exchange: Exchange, outcome: Outcome): void;
  /** The head of a stream reply is out. `finished` is not called for it, `closed` is. */
  opened(exchange: Exchange, outcome: Outcome): void;
  closed(exchange: Exchange): void;
  /** What a handler threw only says that storage is away for now. */
  isOutage(error: unknown): boolean;
  /** A handler threw something that is not a problem. */
  defect(error: unknown, request: HttpRequest): void;
}

/** The facts read synchronously from the native request. */
export interface Head {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly rawQuery: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly requestId: string;
  /** The announced body is too long to be read past, or of unknown length: refused unread, it costs the connection. */
  readonly isEndless: boolean;
}

/** How a route takes a body. */
export interface BodyTerms {
  readonly maxBytes: number;
  /** Each byte that came earns its share of a second on top of the host's body timeout; null when nothing earns any. */
  readonly minBytesPerS: number | null;
  /** Hand a single-chunk body on without copying it. */
  readonly borrow: boolean;
}

const NO_BODY = Buffer.alloc(0);
const NOTHING = (): void => undefined;
/** Statuses whose replies have neither a body nor a length. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

export class Exchange implements HttpRequest, ReplyStream {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly rawQuery: string;
  readonly requestId: string;
  /** Monotonic, like every time kept here. */
  readonly startedAtMs: number;
  body: Buffer = NO_BODY;
  readonly #headers: ReadonlyMap<string, string>;
  readonly #res: HttpResponse;
  readonly #host: ExchangeHost;
  readonly #isEndless: boolean;
  #mode: 'admitting' | 'reading' | 'handling' | 'streaming' | 'done' = 'reading';
  /** Null while the gate has not given it. */
  #handler: Handler | null = null;
  #untilMs: number;
  #readingSinceMs: number;
  readonly #patience: BodyPatience;
  #isWhole = false;
  #isPaused = false;
  /** null for a request of which no body is read. */
  #incoming: IncomingBody | null = null;
  #onDrain: () => void = NOTHING;
  #onClose: () => void = NOTHING;

  constructor(res: HttpResponse, head: Head, host: ExchangeHost) {
    this.#res = res;
    this.#host = host;
    this.#headers = head.headers;
    this.method = head.method;
    this.route = head.route;
    this.path = head.path;
    this.params = head.params;
    this.rawQuery = head.rawQuery;
    this.requestId = head.requestId;
    this.startedAtMs = host.monotonicMs();
    this.#isEndless = head.isEndless;
    this.#readingSinceMs = this.startedAtMs;
    this.#patience = new BodyPatience(this.startedAtMs);
    this.#untilMs = this.startedAtMs + host.bodyTimeoutMs;
    res.onAborted(() => this.#finish({ status: 0, aborted: true }));
  }

  get deadlineMs(): number {
    return this.#host.nowMs() + this.#untilMs - this.#host.monotonicMs();
  }

  header(name: string): string {
    return this.#headers.get(name) ?? '';
  }

  aborted(): boolean {
    return this.#mode === 'done';
  }

  /** Bytes of the body that memory holds. */
  get heldBytes(): number {
    return this.#mode === 'done' || this.#mode === 'streaming' ? 0 : (this.#incoming?.receivedBytes ?? 0);
  }

  /** Reads the body, then runs the handler. */
  readThenRun(handler: Handler, terms: BodyTerms): void {
    this.#handler = handler;
    this.#collect(terms);
    this.#extend(terms);
  }

  /**
   * Asks the gate, then reads the body for the handler that it gives; without terms there is no body to read. Until the
   * gate has answered, no more of a body is taken than one read of the socket brought.
   */
  admit(gate: Gate, terms: BodyTerms | null): void {
    this.#mode = 'admitting';
    this.#untilMs = this.startedAtMs + this.#host.requestTimeoutMs;
    // Registered before the gate is asked: data that nobody listens for is lost.
    if (terms === null) this.#isWhole = true;
    else this.#collect(terms);
    void this.#pass(gate, terms);
  }

  async #pass(gate: Gate, terms: BodyTerms | null): Promise<void> {
    let handler: Handler;
    try {
      handler = await gate(this);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (this.#mode !== 'admitting') return;
    this.#resume();
    if (terms === null || this.#isWhole) {
      this.run(handler);
      return;
    }
    this.#handler = handler;
    this.#mode = 'reading';
    this.#readingSinceMs = this.#host.monotonicMs();
    this.#extend(terms);
  }

  #collect(terms: BodyTerms): void {
    const incoming = new IncomingBody(terms.maxBytes);
    this.#incoming = incoming;
    this.#res.onData((chunk, isLast) => {
      if (this.#mode !== 'reading' && this.#mode !== 'admitting') return;
      if (!incoming.admits(chunk.byteLength)) {
        this.fail(new Problem('request.too_large', { details: { limit_bytes: terms.maxBytes } }), true);
        return;
      }
      const isBorrowed = terms.borrow && isLast && incoming.isEmpty && this.#handler !== null;
      // The native memory is gone when this callback returns.
      const piece = isBorrowed ? Buffer.from(chunk) : Buffer.copyBytesFrom(new Uint8Array(chunk));
      if (isLast) this.#complete(incoming.joined(piece));
      else this.#keep(piece, incoming, terms);
    });
  }

  #keep(piece: Buffer, incoming: IncomingBody, terms: BodyTerms): void {
    incoming.keep(piece);
    this.#patience.took(piece.byteLength, this.#host.monotonicMs());
    if (this.#mode === 'reading') this.#extend(terms);
    else if (!this.#isPaused) {
      this.#isPaused = true;
      this.#res.pause();
    }
  }

  #complete(body: Buffer): void {
    this.body = body;
    this.#isWhole = true;
    if (this.#handler !== null) this.run(this.#handler);
  }

  /** A body that comes at the pace or faster is always in time; one that stops is out of time soon after what it has earned. */
  #extend({ minBytesPerS }: BodyTerms): void {
    const receivedBytes = this.#incoming?.receivedBytes ?? 0;
    const earnedMs = minBytesPerS === null ? 0 : (receivedBytes / minBytesPerS) * 1000;
    this.#untilMs = Math.min(this.#readingSinceMs + this.#host.bodyTimeoutMs + earnedMs, this.#patience.untilMs);
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#patience.restart(this.#host.monotonicMs());
    this.#res.resume();
  }

  /** Runs the handler now; its throw or rejection becomes a problem. */
  run(handler: Handler): void {
    this.#mode = 'handling';
    // From here: a body may have been on its way for longer than its handling may take.
    this.#untilMs = this.#host.monotonicMs() + this.#host.requestTimeoutMs;
    let result: ReturnType<Handler>;
    try {
      result = handler(this);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (result instanceof Promise) {
      result.then(
        (reply) => this.#answer(reply),
        (error: unknown) => this.#failed(error),
      );
    } else {
      this.#answer(result);
    }
  }

  #answer(reply: HttpReply | StreamReply): void {
    if (!('stream' in reply)) this.reply(reply);
    else if (this.method === 'HEAD' || this.#host.draining()) this.reply({ status: reply.status, headers: reply.headers ?? {} });
    else this.#open(reply);
  }

  /** Called by the app's sweep. */
  expireAt(monotonicMs: number): void {
    if (this.#mode === 'done' || this.#mode === 'streaming' || monotonicMs < this.#untilMs) return;
    if (this.#mode === 'reading') this.fail(new Problem('request.body_timeout'), true);
    else this.fail(problemOfFault({ code: 'runtime.timeout' }), this.#leavesEndless());
  }

  fail(problem: Problem, mustClose: boolean): void {
    const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.extras.headers };
    this.reply({ status: problem.status, headers, body: problemBody(problem, this.requestId) }, mustClose);
  }

  /** Writes once; later calls and calls after an abort do nothing. @param mustClose also while the app serves on */
  reply(reply: HttpReply, mustClose = false): void {
    if (this.#mode === 'done') return;
    const close = mustClose || this.#host.draining();
    this.#mode = 'done';
    this.#incoming?.drop();
    // What still comes of a body is read past, so that the client sees the reply and may use the connection again.
    this.#resume();
    const res = this.#res;
    res.cork(() => {
      writeHead(res, this.requestId, reply);
      const body = reply.body ?? '';
      if (this.method === 'HEAD') endBodiless(res, Buffer.byteLength(body), close);
      else if (BODILESS.has(reply.status)) endBodiless(res, null, close);
      else res.end(body, close);
    });
    this.#settle({ status: reply.status, aborted: false });
  }

  write(text: string): boolean {
    if (this.#mode !== 'streaming') return false;
    let isFlowing = false;
    this.#res.cork(() => {
      isFlowing = this.#res.write(text);
    });
    return isFlowing;
  }

  end(): void {
    if (this.#mode !== 'streaming') return;
    // Without the flag that closes the connection: it would write a header into the body.
    this.#res.cork(() => this.#res.end());
    this.#finish({ status: 0, aborted: false });
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  #open(reply: StreamReply): void {
    if (this.#mode === 'done') return;
    this.#mode = 'streaming';
    this.#res.onWritable(() => {
      if (this.#mode === 'streaming') this.#onDrain();
      return true;
    });
    this.#res.cork(() => writeHead(this.#res, this.requestId, reply));
    this.#host.opened(this, { status: reply.status, aborted: false });
    try {
      reply.stream(this);
    } catch (error) {
      // The head is out: nothing else can be said. Thrown on into the native callback it would end the process.
      this.#host.defect(error, this);
      this.end();
    }
  }

  #failed(error: unknown): void {
    const close = this.#leavesEndless();
    if (error instanceof Problem) {
      this.fail(error, close);
      return;
    }
    if (this.#host.isOutage(error)) {
      this.fail(new Problem('runtime.unavailable'), close);
      return;
    }
    this.#host.defect(error, this);
    this.fail(new Problem('request.internal'), close);
  }

  /** True when a refusal now would leave a body behind that is not read past. */
  #leavesEndless(): boolean {
    return this.#mode === 'admitting' && this.#isEndless && !this.#isWhole;
  }

  #finish(outcome: Outcome): void {
    if (this.#mode === 'done') return;
    const wasStreaming = this.#mode === 'streaming';
    this.#mode = 'done';
    this.#incoming?.drop();
    if (!wasStreaming) {
      this.#settle(outcome);
      return;
    }
    this.#host.closed(this);
    this.#onClose();
  }

  #settle(outcome: Outcome): void {
    this.#host.finished(this, outcome);
  }
}
