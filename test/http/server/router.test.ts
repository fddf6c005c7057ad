/** The router: which pattern wins, and that no path breaks it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Router } from '../../../src/transport/http/server/router.ts';

test('fixed segments win over parameters, whatever the order of adding', () => {
  for (const patterns of [
    ['/p/:id', '/p/import'],
    ['/p/import', '/p/:id'],
  ]) {
    const router = new Router<string>();
    for (const pattern of patterns) router.add('GET', pattern, pattern);
    expect(router.match('/p/import')!.pattern).toBe('/p/import');
    expect(router.match('/p/7')).toMatchObject({ pattern: '/p/:id', values: ['7'] });
  }
});

test('a dead end behind a fixed segment falls back to the parameter', () => {
  const router = new Router<string>();
  router.add('GET', '/p/import/now', 'a');
  router.add('GET', '/p/:id/history', 'b');
  expect(router.match('/p/import/history')).toMatchObject({ pattern: '/p/:id/history', values: ['import'] });
});

test('the same method and pattern cannot be added twice', () => {
  const router = new Router<string>();
  router.add('GET', '/a', 'x');
  expect(() => router.add('GET', '/a', 'y')).toThrow(RangeError);
});

test('any path is matched or not, but never throws, and values never hold a slash or nothing', () => {
  const router = new Router<string>();
  for (const pattern of ['/', '/a', '/a/:x', '/a/:x/b/:y']) router.add('GET', pattern, pattern);
  const segment = fc.constantFrom('', 'a', 'b', '%2F', 'x', '..');
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
      const match = router.match(`/${segments.join('/')}`);
      const expected =
        segments.length <= 1 && (segments[0] ?? '') === ''
          ? '/'
          : segments.length === 1 && segments[0] === 'a'
            ? '/a'
            : segments.length === 2 && segments[0] === 'a' && segments[1] !== ''
              ? '/a/:x'
              : segments.length === 4 && segments[0] === 'a' && segments[2] === 'b' && segments[1] !== '' && segments[3] !== ''
                ? '/a/:x/b/:y'
                : null;
      expect(match?.pattern ?? null).toBe(expected);
    }),
  );
});
