/** A sender in front of a real Graph client, for a shop with an access token of its own. */
import type { SendAgainInput, SendInput, SendOutcome } from '../../../src/actors/conversation/protocol.ts';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import type { SecretBox, TenantDirectory } from '../../../src/ports.ts';
import { createGraphClient, type GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';
import { createWhatsappSender, type Sender, type SenderDeps } from '../../../src/transport/whatsapp/sending/sender.ts';
import { PHONE_NUMBER_ID } from '../bodies.ts';

export const UUID = '0b3f6b8e-0000-4000-8000-000000000007';
export const TOKEN = 'test-token';
export const SETTLE_MS = 40;
export const CALL_TIMEOUT_MS = 400;

/** Opens only for the one context that the token was sealed under. */
export const secrets: SecretBox = {
  seal: (plain, context) => `sealed:${context}|${plain}`,
  open(sealed, context) {
    if (!sealed.startsWith(`sealed:${context}|`)) throw new Error('secret.unreadable');
    return sealed.slice(`sealed:${context}|`.length);
  },
};
export const sealedFor = (token: string): string => secrets.seal(token, `tenant:${UUID}:whatsapp.access_token`);
export const SEALED = sealedFor(TOKEN);

export function clientOf(url: string, circuit?: { failures: number; openMs: number }): GraphClient {
  return createGraphClient({
    url,
    version: 'v23.0',
    timeoutMs: CALL_TIMEOUT_MS,
    connections: 4,
    ...(circuit === undefined ? {} : { circuit }),
  });
}

export function senderOn(graph: GraphClient, overrides: Partial<SenderDeps> = {}, accessToken: string | null = SEALED): Sender {
  const view = {
    tenantId: 7,
    uuid: UUID,
    settings: { whatsapp: { phoneNumberId: PHONE_NUMBER_ID, wabaId: '1', accessToken } },
  } as TenantView;
  return createWhatsappSender({
    tenants: { view: async () => view } as unknown as TenantDirectory,
    secrets,
    graph,
    sent: { outbound: async () => null, taken: async () => null },
    sandbox: false,
    settleMs: SETTLE_MS,
    perNumberPerSecond: 1_000,
    inFlightMax: 8,
    nowMs: Date.now,
    random: () => 0,
    warn: () => undefined,
    tokenLookMs: 10,
    ...overrides,
  });
}

export const INPUT: SendInput = {
  opaqueId: 'msg_1',
  to: { waId: '27711234567', userId: 'ZA.5' },
  body: { kind: 'text', text: 'Sawubona' },
};

export function run(
  sender: Sender,
  input: SendInput | SendAgainInput = INPUT,
  more: { id?: string; resumed?: boolean; signal?: AbortSignal } = {},
): Promise<SendOutcome> {
  const ref = { tenantId: 7, kind: 'conversation', id: 'cus_1', shard: 96 };
  return sender.handler({
    ref,
    id: input.opaqueId,
    input,
    resumed: false,
    signal: new AbortController().signal,
    ...more,
  }) as Promise<SendOutcome>;
}
