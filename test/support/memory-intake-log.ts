/** The intake log in memory, for tests of what stands in front of it and behind it. Keeps the contract of `intake-log.test.ts`. */
import type { IntakeChunk, IntakeLog } from '../../src/ports.ts';

export class MemoryIntakeLog implements IntakeLog {
  readonly chunks: IntakeChunk[] = [];
  #lastId = 0;
  /** Set to make the next calls fail, or to hold them. */
  onAppend: () => Promise<void> = async () => {};
  onRead: () => Promise<void> = async () => {};
  onRemove: () => Promise<void> = async () => {};

  async append(lane: number, body: Buffer): Promise<void> {
    const copy = Buffer.from(body);
    await this.onAppend();
    this.put(lane, [copy]);
  }

  put(lane: number, bodies: readonly Buffer[] | null): void {
    const bytes = (bodies ?? []).reduce((sum, body) => sum + body.length, 0);
    this.chunks.push({ lane, id: String(++this.#lastId), messages: bodies?.length ?? 1, bytes, bodies });
  }

  async read(lanes: readonly number[], except: readonly string[], perLane: number): Promise<IntakeChunk[]> {
    await this.onRead();
    const left = this.chunks.filter((chunk) => lanes.includes(chunk.lane) && !except.includes(chunk.id));
    return left.filter((chunk) => left.filter((other) => other.lane === chunk.lane).indexOf(chunk) < perLane);
  }

  async remove(chunks: readonly { readonly lane: number; readonly id: string }[]): Promise<void> {
    await this.onRemove();
    for (const { lane, id } of chunks) {
      const at = this.chunks.findIndex((chunk) => chunk.lane === lane && chunk.id === id);
      if (at >= 0) this.chunks.splice(at, 1);
    }
  }

  async waiting(lanes: readonly number[]): Promise<{ messages: number; bytes: number }> {
    const mine = this.chunks.filter((chunk) => lanes.includes(chunk.lane));
    return { messages: mine.reduce((sum, chunk) => sum + chunk.messages, 0), bytes: mine.reduce((sum, chunk) => sum + chunk.bytes, 0) };
  }
}
