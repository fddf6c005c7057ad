/** Files of pages: as small as they can be sent, once, and still what their authors wrote. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/transport/http/message.ts';
import { answerWith, staticFile, withoutNotes } from '../../src/transport/http/static-file.ts';

const asking = (headers: Readonly<Record<string, string>>) => ({ header: (name: string) => headers[name] ?? '' }) as unknown as HttpRequest;

describe('what is sent', () => {
  it.each([
    [
      'nothing but the code of a line with a note before it',
      '/* a */ const x = 1;\n/* b */\nconst y = 2;\n',
      '/* a */ const x = 1;\nconst y = 2;\n',
    ],
    ['no note of one line, of several, or of markup', '/** one\n * two\n */\n  // three\n<!-- four\n five -->\nlet z;\n', 'let z;\n'],
    ['no indentation', 'if (a) {\n    b();\n\tc();\n}\n', 'if (a) {\nb();\nc();\n}\n'],
    ['an address whole', "  const at = 'https://example.org'; // why\n", "const at = 'https://example.org'; // why\n"],
  ])('is %s', (_, source, sent) => {
    expect(withoutNotes(source)).toBe(sent);
  });
});

describe('an answer', () => {
  const file = staticFile('text/plain', Buffer.from('wakala '.repeat(100)));
  const answer = answerWith(file, { 'x-more': 'yes' });

  it('is the same file in every encoding, the smallest that the browser takes', () => {
    const plain = answer(asking({}));
    const gzip = answer(asking({ 'accept-encoding': 'gzip, deflate' }));
    const br = answer(asking({ 'accept-encoding': 'gzip, deflate, br' }));
    expect([plain, gzip, br].map((reply) => reply.headers?.['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(gzip.body as Buffer)).toEqual(plain.body);
    expect(brotliDecompressSync(br.body as Buffer)).toEqual(plain.body);
  });

  it('to who has the file already has no body, and all its headers', () => {
    const reply = answer(asking({ 'if-none-match': file.etag, 'accept-encoding': 'br' }));
    expect([reply.status, reply.body, reply.headers?.['x-more']]).toEqual([304, undefined, 'yes']);
  });
});
