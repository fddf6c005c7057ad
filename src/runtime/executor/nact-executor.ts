/**
 * The production executor: every slot is one nact actor, spawned flat under a shard actor that is never
 * messaged. Only start, spawn, dispatch and stop are used; docs/adr/0001-nact-as-kernel.md says why.
 */
import { dispatch, spawn, start, stop } from 'nact';
import type { Executor, Slot, Turn } from './executor.ts';

const TURN = Symbol('turn');
type NactRef = ReturnType<typeof start>;

/** Names only have to differ: a counter never reuses one, so an old handler cannot meet its successor. */
let names = 0;

// biome-ignore lint/suspicious/noExplicitAny: nact's typings leave the crash context untyped.
function onCrash(_message: unknown, _error: unknown, context: any): unknown {
  // Turns are total; this is the last net. Resume keeps the actor and nact's default policy (which prints messages) away.
  return context.resume;
}

/** One object for all actors. */
const OPTIONS = { onCrash };

export class NactExecutor implements Executor {
  readonly #system: NactRef;
  readonly #shards = new Map<number, NactRef>();
  readonly #live = new Set<NactRef>();

  constructor() {
    this.#system = start();
  }

  spawn(group: number, turn: Turn): Slot {
    const ref = spawn(this.#shard(group) as never, (() => turn()) as never, `c${names++}`, OPTIONS as never) as unknown as NactRef;
    this.#live.add(ref);
    return {
      schedule: () => dispatch(ref as never, TURN as never),
      stop: () => {
        if (this.#live.delete(ref)) stop(ref as never);
      },
    };
  }

  close(): void {
    // nact does not stop children with their parent, so bottom-up and by hand.
    for (const ref of this.#live) stop(ref as never);
    this.#live.clear();
    for (const ref of this.#shards.values()) stop(ref as never);
    this.#shards.clear();
    stop(this.#system as never);
  }

  #shard(group: number): NactRef {
    let shard = this.#shards.get(group);
    if (shard === undefined) {
      shard = spawn(this.#system as never, ((state: unknown) => state) as never, `s${names++}`, { onCrash } as never) as unknown as NactRef;
      this.#shards.set(group, shard);
    }
    return shard;
  }
}
