/** Every code that Meta documents is answered as its table of errors asks for; expected values are that table, not ours. */
import { describe, expect, it } from 'vitest';
import { isAccountFault, isAccountFrozen, lateRetryMs, verdictOf } from '../../../src/transport/whatsapp/sending/graph-errors.ts';

const BAD_REQUEST = 400;
const MINUTE_MS = 60_000;
/** Waits before jitter, in ms, after each try in turn; what is missing at the end is given up. */
const waits = (code: number): number[] => {
  const found: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const verdict = verdictOf(code, BAD_REQUEST, attempt);
    if (verdict.retry === 'never' || attempt >= verdict.tries) return found;
    found.push(verdict.afterMs);
  }
};

const TABLE: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['unknown, service down', [1, 2, 131_000, 131_016, 133_004], [1_000, 2_000, 4_000, 8_000]],
  ['throughput of a number', [130_429], [1_000, 2_000, 4_000, 8_000]],
  ['rate of an app or account', [4, 80_007], [1, 2, 3, 4].map((minutes) => minutes * MINUTE_MS)],
  ['maintenance', [131_057], [MINUTE_MS, MINUTE_MS, MINUTE_MS, MINUTE_MS]],
  ['pair rate', [131_056], [1_000, 4_000, 16_000, 64_000]],
  ['once', [135_000, 131_047, 131_052, 131_053], [1_000]],
  ['token, permission', [0, 190, 3, 10, 200, 250, 299], []],
  ['bad request', [131_008, 131_009, 100, 33, 131_051], []],
  ['one person', [131_021, 131_026, 131_030, 131_049, 131_050, 130_472, 137_000], []],
  ['account', [368, 130_497, 131_031, 131_037, 131_042, 131_045, 131_048, 131_064], []],
  ['kind of message', [131_062, 131_063, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_016, 132_068], []],
  ['registration', [133_000, 133_005, 133_006, 133_008, 133_009, 133_010, 133_015, 133_016, 136_024, 136_025], []],
];

describe.each(TABLE)('%s', (_name, codes, expected) => {
  it.each(codes)('%i', (code) => {
    expect(waits(code)).toEqual(expected);
    expect(lateRetryMs(code)).toBe(expected.length === 0 ? null : (expected[1] ?? expected[0]));
  });
});

const everyCode = TABLE.flatMap(([, codes]) => codes);

it('stops a whole number for its account alone: lock, policy, display name, payment, registration', () => {
  expect(everyCode.filter(isAccountFrozen).sort((a, b) => a - b)).toEqual([368, 131_031, 131_037, 131_042, 131_045]);
});

it('is a fault of the account when it freezes the number, and never when it is about one person, one message or the pace', () => {
  const faults = everyCode.filter(isAccountFault);
  const ofNobody = ['unknown, service down', 'throughput of a number', 'pair rate', 'maintenance', 'once', 'bad request', 'one person'];
  for (const [name, codes] of TABLE) {
    if (name === 'account' || name === 'registration' || name === 'token, permission') expect(codes.every(isAccountFault), name).toBe(true);
    if (ofNobody.includes(name))
      expect(
        codes.some((code) => faults.includes(code)),
        name,
      ).toBe(false);
  }
});
