/** No number and no pair is ever written to faster than its rate allows. */
import { describe, expect, it } from 'vitest';
import { RateGate } from '../../../src/transport/whatsapp/sending/rate-gate.ts';

describe('a rate gate', () => {
  it('lends its burst, then paces: 45 messages to one person, then one in six seconds', () => {
    const pairs = new RateGate(1 / 6, 45, 10);
    const waits = Array.from({ length: 47 }, () => pairs.take('pair', 0));
    expect(waits.slice(0, 45).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(45)).toEqual([6_000, 12_000]);
    expect(pairs.take('pair', 18_000)).toBe(0);
    expect(pairs.take('another', 0)).toBe(0);
  });

  it('never grants more than burst plus rate over any time', () => {
    const gate = new RateGate(80, 80, 10);
    const leaves: number[] = [];
    for (let nowMs = 0; nowMs < 3_000; nowMs += 5) leaves.push(nowMs + gate.take('n', nowMs));
    expect(leaves.filter((atMs) => atMs <= 2_000).length).toBeLessThanOrEqual(80 + 2 * 80 + 1);
  });

  it('pauses a key, and halves its pace', () => {
    const gate = new RateGate(10, 1, 10);
    gate.pause('n', 0, 5_000);
    expect(gate.take('n', 1_000)).toBe(4_000);
    gate.slow('m', 0, 60_000);
    expect([gate.take('m', 0), gate.take('m', 0)]).toEqual([200, 400]);
  });

  it('saves nothing up in a pause: what came meanwhile leaves at the usual pace', () => {
    const gate = new RateGate(10, 10, 10);
    gate.pause('n', 0, 60_000);
    const leaves: number[] = [];
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) leaves.push(nowMs + gate.take('n', nowMs));
    expect(Math.min(...leaves)).toBe(60_000);
    expect(leaves.filter((atMs) => atMs <= 61_000).length).toBeLessThanOrEqual(10 + 10 + 1);
    expect(gate.take('n', 200_000)).toBe(0);
  });
});
