/**
 * How much of the intake log is read and not done, and whether more may be read. What waits for senders that have failed for long has
 * bounds of its own: a few conversations that nobody can read must not keep everybody behind them waiting. Must never read the log.
 */
import type { IntakeChunk } from '../../../ports.ts';
import type { Waiting } from './intake-board.ts';

/** Chunks that are worked on. */
const OPEN_MAX = 256;
/** Bytes of chunks that are worked on above which no more are read; one read may go beyond by a few chunks a lane. */
const OPEN_BYTES_MAX = 32 * 1024 * 1024;
/** Parts that are worked on below which the next chunks are read. */
const PARTS_LOW = 512;
/** Chunks of which only stalled parts are left, or that cannot be opened; each read of the log steps over them. */
const STALLED_CHUNKS_MAX = 8_192;
/** What is kept in memory for stalled parts, characters of their posts; a post counts once, however many parts of it are stalled. */
const STALLED_TEXT_MAX = 32 * 1024 * 1024;
/** Share of either bound above which those senders are told to come again: the rest is for what is in the log already. */
const STALLED_SHARE = 0.5;

/** A chunk that was read; its bodies are not kept. */
export interface Open {
  readonly chunk: Pick<IntakeChunk, 'lane' | 'id' | 'messages' | 'bytes'>;
  readonly isReadable: boolean;
  /** Parts that are not durable yet. */
  left: number;
  /** Those of them whose sender has failed for long. */
  stalled: number;
}

/** A body that was read; its parts share the text. */
export interface Post {
  readonly text: string;
  /** Parts of it whose sender has failed for long. */
  stalled: number;
}

export class IntakeBurden {
  #parts = 0;
  #chunks = 0;
  #bytes = 0;
  #stalledParts = 0;
  #stalledChunks = 0;
  #stalledBytes = 0;
  #stalledMessages = 0;
  #stalledText = 0;

  /** Parts read and not durable. */
  get parts(): number {
    return this.#parts;
  }

  /** No more may be read now. */
  get isFull(): boolean {
    const isBusy =
      this.#parts - this.#stalledParts >= PARTS_LOW ||
      this.#chunks - this.#stalledChunks >= OPEN_MAX ||
      this.#bytes - this.#stalledBytes >= OPEN_BYTES_MAX;
    return isBusy || this.#stalledChunks >= STALLED_CHUNKS_MAX || this.#stalledText >= STALLED_TEXT_MAX;
  }

  /** As much is stalled as its senders may add to. */
  get isFullOfStalled(): boolean {
    return this.#stalledChunks >= STALLED_CHUNKS_MAX * STALLED_SHARE || this.#stalledText >= STALLED_TEXT_MAX * STALLED_SHARE;
  }

  /** Whatever is read is stalled. */
  get isAllStalled(): boolean {
    return this.#chunks === this.#stalledChunks;
  }

  get stalled(): Waiting {
    return { messages: this.#stalledMessages, bytes: this.#stalledBytes };
  }

  opened({ lane, id, messages, bytes, bodies }: IntakeChunk): Open {
    const open: Open = { chunk: { lane, id, messages, bytes }, isReadable: bodies !== null, left: 0, stalled: 0 };
    this.#chunks++;
    this.#bytes += bytes;
    if (isStalled(open)) this.#countStalled(open, 1);
    return open;
  }

  /** Removed from the log. */
  closed(open: Open): void {
    this.#chunks--;
    this.#bytes -= open.chunk.bytes;
  }

  /** @param change +1 for a part that was read, -1 for one that is durable. */
  part(open: Open, change: 1 | -1): void {
    this.#parts += change;
    this.#change(open, () => {
      open.left += change;
    });
  }

  /** @param change +1 for a part whose sender has failed for long, -1 when that is over. */
  stall(open: Open, post: Post, change: 1 | -1): void {
    this.#stalledParts += change;
    if (post.stalled === 0) this.#stalledText += post.text.length;
    post.stalled += change;
    if (post.stalled === 0) this.#stalledText -= post.text.length;
    this.#change(open, () => {
      open.stalled += change;
    });
  }

  #change(open: Open, apply: () => void): void {
    const before = isStalled(open);
    apply();
    const after = isStalled(open);
    if (before !== after) this.#countStalled(open, after ? 1 : -1);
  }

  #countStalled(open: Open, change: 1 | -1): void {
    this.#stalledChunks += change;
    this.#stalledBytes += change * open.chunk.bytes;
    this.#stalledMessages += change * open.chunk.messages;
  }
}

function isStalled({ isReadable, left, stalled }: Open): boolean {
  return !isReadable || (left > 0 && left === stalled);
}
