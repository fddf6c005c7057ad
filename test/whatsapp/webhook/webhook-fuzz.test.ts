/** No body makes the parser throw, and no part of it costs another. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../../src/transport/whatsapp/webhook/signature.ts';
import { OTHER_PARTS_MAX, PARTS_MAX, parseWebhook, type WebhookPart } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { CARD, envelope, message, NOW_MS, status, textOf, USER_ID, WA_ID } from '../bodies.ts';

/** Meta's form of a business-scoped user id: country, dot, `ENT.` for a linked portfolio, up to 128 letters and digits. */
const USER_ID_FORM = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** Invariants of every list of parts, whatever was posted. */
function expectSound(parts: readonly WebhookPart[]): void {
  expect(parts.length).toBeLessThanOrEqual(PARTS_MAX + OTHER_PARTS_MAX + 1);
  for (const part of parts) {
    for (const userId of userIdsIn(part)) expect(userId).toMatch(USER_ID_FORM);
    if (part.kind !== 'message' && part.kind !== 'status') continue;
    expect(part.phoneNumberId).not.toBe('');
    expect(part.command.whatsappId.length).toBeGreaterThan(0);
    expect(part.command.whatsappId.length).toBeLessThanOrEqual(512);
    const { waId, userId } = part.kind === 'message' ? part.command.contact : part.recipient;
    if (waId !== null) expect(waId).toMatch(/^\d+$/);
    if (part.kind === 'message') {
      expect(waId !== null || userId !== null).toBe(true);
      expect(Number.isSafeInteger(part.command.sentAtMs) && part.command.sentAtMs <= NOW_MS).toBe(true);
    }
    for (const text of textsIn(part.command)) {
      expect(text.length).toBeLessThanOrEqual(4_096);
      expect(text.includes('\0')).toBe(false);
      expect(Buffer.from(text).toString()).toBe(text);
    }
  }
}

/** Every user id by which a part finds or moves a customer. */
function userIdsIn(part: WebhookPart): string[] {
  const found = ((): (string | null)[] => {
    switch (part.kind) {
      case 'message': {
        const { contact, content } = part.command;
        return [contact.userId, content.kind === 'system' ? content.newUserId : null];
      }
      case 'status':
      case 'echo':
        return [part.recipient.userId];
      case 'moved':
        return [part.from.userId, part.to.userId];
      case 'preference':
        return [part.person.userId];
      default:
        return [];
    }
  })();
  return found.filter((userId) => userId !== null);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const SEEDS: readonly object[] = [
  message({ type: 'text', text: { body: 'ngicela ama-vetkoek amabili' } }),
  message({ type: 'order', order: { product_items: [{ product_retailer_id: 'K', quantity: '2' }] } }),
  message({ location: { latitude: '-26', longitude: 27 } }),
  message({ type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{' } } }),
  message({ type: 'edit', edit: { original_message_id: 'x', message: { text: { body: 'y' } } } }),
  message({ from: undefined, from_user_id: USER_ID, type: 'system', system: { type: 'user_changed_user_id', user_id: 'ZA.77' } }),
  envelope({ user_id_update: [{ wa_id: WA_ID, user_id: { previous: USER_ID, current: 'ZA.77' }, timestamp: '1' }] }, 'user_id_update'),
  envelope({ message_echoes: [{ to_user_id: USER_ID, id: 'wamid.E', type: 'text', text: { body: 'x' } }] }, 'smb_message_echoes'),
  status({ recipient_id: undefined, recipient_user_id: USER_ID }),
  status({ errors: [{ code: 131_047 }] }, { contacts: [CARD] }),
  envelope(
    { contacts: [CARD], user_preferences: [{ wa_id: '27711234567', category: 'marketing_messages', value: 'stop', timestamp: 1 }] },
    'user_preferences',
  ),
  envelope({ messages: [textOf('a'), textOf('b')], statuses: [{ id: 'x', status: 'sent' }], errors: [{}], message_echoes: [{}] }),
];

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...at, Array.isArray(value) ? Number(key) : key]))];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    0,
    -1,
    1e308,
    'x'.repeat(5_000),
    '\0',
    '\ud800',
    '__proto__',
    [],
    {},
    [[]],
    true,
    'ZA.1',
    '+27 1',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

describe('any JSON at all', () => {
  it('is walked without throwing, and what comes out is sound', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (body) => expectSound(parseWebhook(body, NOW_MS))),
      { numRuns: 300 },
    );
  });

  it('in the place of any field of a real body costs no more than that part', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEEDS), fc.nat(), odd, (seed, pick, by) => {
        const paths = pathsOf(seed);
        expectSound(parseWebhook(replaced(seed, paths[pick % paths.length] as Path, by), NOW_MS));
      }),
      { numRuns: 600 },
    );
  });

  it('beside a good message never costs the good one', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 }), fc.nat(), (neighbours, at) => {
        const messages: unknown[] = [...neighbours];
        messages.splice(at % (messages.length + 1), 0, textOf('2 kota', 'wamid.GOOD'));
        const parts = parseWebhook(envelope({ contacts: [CARD], messages, statuses: neighbours }), NOW_MS);
        expect(parts.filter((part) => part.kind === 'message' && part.command.whatsappId === 'wamid.GOOD')).toHaveLength(1);
        expectSound(parts);
      }),
      { numRuns: 200 },
    );
  });
});

/** A folder of captured bodies to judge besides our own: `webhooks/`, `derived/`, `scenarios/`, `signatures/vectors.json`. */
const CAPTURED = process.env.WAKALA_TEST_WEBHOOKS;

function captured(folder: string): readonly [string, unknown][] {
  const path = CAPTURED === undefined ? '' : join(CAPTURED, folder);
  if (path === '' || !existsSync(path) || !statSync(path).isDirectory()) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.json') && name !== 'vectors.json');
  return names.map((name) => [name, JSON.parse(readFileSync(join(path, name), 'utf8'))]);
}

/** Placeholders where a number should be, as in samples from documents. */
const isSample = (body: unknown): boolean => /PHONE_NUMBER|WA_ID/.test(JSON.stringify(body));

describe('captured bodies, when there are any', () => {
  it('yield the part that their name says', () => {
    for (const [name, body] of [...captured('webhooks'), ...captured('derived')]) {
      const parts = parseWebhook(body, NOW_MS);
      expectSound(parts);
      // A move of keys and a preference are read out of news that is kept besides.
      const kinds = parts.map((part) => part.kind).filter((kind) => kind !== 'moved' && kind !== 'preference');
      if (isSample(body)) continue;
      if (name.startsWith('message-')) expect(kinds, name).toEqual(['message']);
      if (name.startsWith('status-')) expect(kinds, name).toEqual(['status']);
      if (name.startsWith('field-smb-message-echoes')) expect(kinds, name).toEqual(['echo']);
      else if (name.startsWith('field-')) expect(kinds, name).toEqual(['account']);
      if (/^batch-?_?.*(multiplemessages|duplicate)/.test(name)) expect(kinds, name).toEqual(['message', 'message']);
      if (name.startsWith('odd')) expect(parts.length, name).toBeGreaterThan(0);
    }
  });

  it('keep their guarantees with any one value replaced', () => {
    for (const [, body] of [...captured('webhooks'), ...captured('derived')]) {
      for (const path of pathsOf(body)) {
        for (const by of [null, 7, 'x', [], {}]) expectSound(parseWebhook(replaced(body, path, by), NOW_MS));
      }
    }
  });

  it('are signed over their raw bytes', () => {
    const path = CAPTURED === undefined ? '' : join(CAPTURED, 'signatures');
    const list = join(path, 'vectors.json');
    const vectors =
      path !== '' && existsSync(list)
        ? (JSON.parse(readFileSync(list, 'utf8')) as { file: string; app_secret: string; value: string }[])
        : [];
    for (const vector of vectors) {
      expect(createVerifier([vector.app_secret])(readFileSync(join(path, vector.file)), vector.value), vector.file).toBe(true);
    }
  });

  it('make up scenarios in which every post can be read', () => {
    for (const [name, scenario] of captured('scenarios')) {
      for (const step of (scenario as { steps: { post?: unknown }[] }).steps) {
        if (step.post === undefined) continue;
        const kinds = new Set(parseWebhook(step.post, NOW_MS).map((part) => part.kind));
        expect(kinds.has('unreadable'), name).toBe(false);
        expect(kinds.size, name).toBeGreaterThan(0);
      }
    }
  });
});
