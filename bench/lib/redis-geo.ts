/**
 * Redis GEO as a baseline: a server of its own on a Unix socket, commands in pipelines as a batching client would send them. Only where
 * `redis-server` is installed. It must never be used by the program.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CONNECT_TRIES = 100;
const CONNECT_EVERY_MS = 50;
/** Commands on their way at once. */
const PIPELINE = 500;
const KEY = 'drivers';

export function redisIsHere(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

export class RedisGeo {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'wakala-redis-'));
  readonly #server: ChildProcess;
  #socket: Socket | null = null;

  constructor() {
    const options = ['--port', '0', '--unixsocket', this.#path, '--save', '', '--appendonly', 'no', '--dir', this.#folder];
    this.#server = spawn('redis-server', options, { stdio: 'ignore' });
  }

  get #path(): string {
    return path.join(this.#folder, 'redis.sock');
  }

  async open(): Promise<void> {
    for (let tries = 0; tries < CONNECT_TRIES; tries++) {
      const socket = createConnection(this.#path);
      const open = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
      if (open) {
        this.#socket = socket;
        return;
      }
      await sleep(CONNECT_EVERY_MS);
    }
    throw new Error('redis-server does not answer');
  }

  async place(moves: readonly (readonly [id: string, lat: number, lng: number])[]): Promise<void> {
    await this.#all(moves.map(([id, lat, lng]) => command('GEOADD', KEY, String(lng), String(lat), id)));
  }

  /** @returns how many drivers each question found. */
  async nearest(places: readonly { readonly lat: number; readonly lng: number }[], k: number, withinM: number): Promise<number[]> {
    const replies = await this.#all(
      places.map(({ lat, lng }) =>
        command('GEOSEARCH', KEY, 'FROMLONLAT', String(lng), String(lat), 'BYRADIUS', String(withinM), 'm', 'ASC', 'COUNT', String(k)),
      ),
    );
    return replies;
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @returns of each reply the number it is, or the length of the list it is. */
  async #all(commands: readonly string[]): Promise<number[]> {
    const results: number[] = [];
    for (let at = 0; at < commands.length; at += PIPELINE) results.push(...(await this.#some(commands.slice(at, at + PIPELINE))));
    return results;
  }

  #some(commands: readonly string[]): Promise<number[]> {
    const socket = this.#socket;
    if (socket === null) throw new Error('not open');
    return new Promise((resolve, reject) => {
      const results: number[] = [];
      let text = '';
      let members = 0;
      const read = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        let from = 0;
        for (let end = text.indexOf('\r\n', from); end >= 0; end = text.indexOf('\r\n', from)) {
          const line = text.slice(from, end);
          from = end + 2;
          if (line.startsWith('-')) reject(new Error(line));
          // A member is a length line and a line of bytes without line ends: ids have none.
          else if (members > 0) members--;
          else {
            const value = Number(line.slice(1));
            results.push(value);
            if (line.startsWith('*')) members = value * 2;
          }
        }
        text = text.slice(from);
        if (results.length < commands.length || members > 0) return;
        socket.off('data', read);
        resolve(results);
      };
      socket.on('data', read);
      socket.write(commands.join(''));
    });
  }
}

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
