/** Whatever a conversation says becomes a body that the Graph API takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboundBody, SendInput } from '../../../src/actors/conversation/protocol.ts';
import { toGraphBody } from '../../../src/transport/whatsapp/sending/graph-body.ts';
import { graphBodyFault } from '../../../src/transport/whatsapp/sending/graph-body-check.ts';
import { bodyFault } from '../../fakes/graph.ts';

const inputOf = (body: OutboundBody): SendInput => ({ opaqueId: 'msg_1', to: { waId: '27711234567', userId: null }, body });
const graphOf = (body: OutboundBody) => toGraphBody(inputOf(body)) as Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: reads into bodies whose shape the assertions check.
const actionOf = (body: OutboundBody): any => (graphOf(body).interactive as any).action;

const FAMILY = '👨‍👩‍👧‍👦';
const words = fc.string({ unit: fc.constantFrom('a', ' ', '\n', FAMILY, 'é', '\0', '\ud800', 'x'.repeat(30)), maxLength: 60 });
const entry = fc.record({ id: fc.oneof(words, fc.string({ maxLength: 300 })), title: words });
const anyBody: fc.Arbitrary<OutboundBody> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: fc.oneof(words, fc.constant(FAMILY.repeat(800))) }),
  fc.record({ kind: fc.constant('location_request' as const), text: words }),
  fc.record({ kind: fc.constant('buttons' as const), text: words, buttons: fc.array(entry, { maxLength: 5 }) }),
  fc.record({
    kind: fc.constant('list' as const),
    text: words,
    button: words,
    sections: fc.array(
      fc.record({
        title: words,
        rows: fc.array(
          fc.tuple(entry, words).map(([row, description]) => ({ ...row, description })),
          { maxLength: 8 },
        ),
      }),
      { maxLength: 12 },
    ),
  }),
);

describe('an outbound message', () => {
  it('of any content becomes a body that the API takes: the strict fake and the sandbox check agree', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const graph = graphOf(body);
        expect(bodyFault(JSON.parse(JSON.stringify(graph)))).toBe(null);
        expect(graphBodyFault(graph)).toBe(null);
      }),
      { numRuns: 400 },
    );
  });

  it('carries number or user id, never both, and its opaque id', () => {
    expect(graphOf({ kind: 'text', text: 'hi' })).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '27711234567',
      type: 'text',
      text: { body: 'hi', preview_url: false },
      biz_opaque_callback_data: 'msg_1',
    });
    const both = toGraphBody({ opaqueId: 'x'.repeat(600), to: { waId: '1', userId: 'ZA.1' }, body: { kind: 'text', text: 'hi' } });
    expect(both).not.toHaveProperty('recipient');
    expect(String(both.biz_opaque_callback_data)).toHaveLength(512);
    expect(toGraphBody({ opaqueId: 'x', to: { waId: null, userId: 'ZA.1' }, body: { kind: 'text', text: 'hi' } })).toMatchObject({
      recipient: 'ZA.1',
    });
  });

  it('is cut between characters as people see them', () => {
    const { body } = graphOf({ kind: 'text', text: FAMILY.repeat(500) }).text as { body: string };
    expect(body.length).toBeLessThanOrEqual(4_096);
    expect(body).toMatch(new RegExp(`^(${FAMILY})+…$`, 'u'));
  });

  it('tells titles apart that became equal by cutting', () => {
    const buttons = ['1', '2', '3'].map((id) => ({ id, title: 'Full house kota with everything' }));
    const titles = actionOf({ kind: 'buttons', text: 'x', buttons }).buttons.map(
      (button: { reply: { title: string } }) => button.reply.title,
    );
    expect(titles).toEqual(['Full house kota wit…', 'Full house kota… (1)', 'Full house kota… (2)']);
  });

  it('has at most ten rows over all sections, the first of each id, and titles as soon as there are two sections', () => {
    const rows = (from: number) => Array.from({ length: 6 }, (_, i) => ({ id: `r${from + i}`, title: `Row ${from + i}` }));
    const two = actionOf({
      kind: 'list',
      text: 'x',
      button: 'Menu',
      sections: [
        { title: '', rows: rows(0) },
        { title: '', rows: [] },
        { title: 'B', rows: rows(5) },
      ],
    });
    expect(
      two.sections.map((section: { title?: string; rows: { id: string }[] }) => [section.title, section.rows.map((row) => row.id)]),
    ).toEqual([
      ['…', ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']],
      ['B', ['r6', 'r7', 'r8', 'r9']],
    ]);
    const one = actionOf({ kind: 'list', text: 'x', button: 'Menu', sections: [{ title: '', rows: rows(0) }] });
    expect(one.sections[0]).not.toHaveProperty('title');
  });

  it('without a single button or row is plain text', () => {
    expect(graphOf({ kind: 'buttons', text: 'x', buttons: [] })).toMatchObject({ type: 'text', text: { body: 'x' } });
    expect(graphOf({ kind: 'list', text: 'x', button: 'b', sections: [{ title: 'a', rows: [] }] })).toMatchObject({ type: 'text' });
  });

  it('asks for a location in the form the API knows', () => {
    expect(graphOf({ kind: 'location_request', text: 'Where?' }).interactive).toEqual({
      type: 'location_request_message',
      body: { text: 'Where?' },
      action: { name: 'send_location' },
    });
  });
});

describe('the sandbox check', () => {
  const good = graphOf({ kind: 'buttons', text: 'x', buttons: [{ id: 'a', title: 'A' }] });
  const withButtons = (buttons: unknown) => ({ ...good, interactive: { type: 'button', body: { text: 'x' }, action: { buttons } } });
  const button = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });

  it.each([
    ['another product', { ...good, messaging_product: 'sms' }],
    ['a user id in `to`', { ...good, to: 'ZA.1' }],
    ['nobody', { ...good, to: undefined }],
    ['no text', { ...good, type: 'text', text: { body: ' ' } }],
    ['too long a text', { ...good, type: 'text', text: { body: 'x'.repeat(4_097) } }],
    ['too long an opaque id', { ...good, biz_opaque_callback_data: 'x'.repeat(513) }],
    ['a fourth button', withButtons(['a', 'b', 'c', 'd'].map((id) => button(id, id)))],
    ['two equal titles', withButtons([button('a', 'A'), button('b', 'A')])],
    ['a title of 21', withButtons([button('a', 'A'.repeat(21))])],
    ['no button', withButtons([])],
  ])('refuses what the API refuses: %s', (_name, body) => {
    expect(graphBodyFault(body)).not.toBe(null);
    expect(bodyFault(body)).not.toBe(null);
  });
});
