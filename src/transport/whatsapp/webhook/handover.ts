/**
 * Hands webhook parts to whom they concern: finds the tenant and the customer, asks the conversation, parks what no actor takes.
 * The same for a post that is worked on at once and for one that waited in the intake log. Must never interpret a message.
 */
import { saysMarketingStopped } from '../../../actors/conversation/session/marketing.ts';
import { conversationRef } from '../../../actors/refs.ts';
import type { CustomerDirectory, Parking, TenantAddress, TenantDirectory } from '../../../ports.ts';
import type { ActorSystem, Answer } from '../../../runtime/behaviour.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import { AccountAlarm } from '../account-alarm.ts';
import { list, name, number, object } from '../loose.ts';
import { isAccountFault } from '../sending/graph-errors.ts';
import { follow } from './follow.ts';
import { parked } from './parked.ts';
import { isNobody, type Keys, NOBODY } from './people.ts';
import { MALFORMED_USER_ID, parseWebhook, type StatusCommand, type WebhookPart } from './webhook-parse.ts';

interface HandoverDeps {
  readonly system: ActorSystem;
  readonly tenants: TenantDirectory;
  readonly customers: CustomerDirectory;
  readonly parking: Parking;
  nowMs(): number;
  monotonicMs(): number;
  warn(facts: Readonly<Record<string, unknown>>, text: string): void;
}

/** One post may take this long to become durable. Meta waits longer, but a customer does not. */
export const DEADLINE_MS = 2_500;
/** Parts of one post in work at a time, so that one batch does not fill every mailbox. */
export const PARTS_IN_FLIGHT_MAX = 256;

/** Fields about an account, a number or templates that a person has to see: all else that is parked is of one chat, or of no use here. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'account_alerts',
  'account_review_update',
  'account_update',
  'business_capability_update',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'template_category_update',
]);

type Part<K extends WebhookPart['kind']> = Extract<WebhookPart, { kind: K }>;
type Command = NonNullable<Part<'message' | 'status' | 'echo' | 'preference'>['command']>;
/** Where a part goes; `done` when it is parked or of no concern, `failed` when it is nowhere yet. */
type Route = 'done' | 'failed' | { readonly to: EntityRef; readonly command: Command; readonly commandId: string };

/** What a proxy that re-encodes may put before a body. It says nothing, and JSON.parse would refuse all that follows. */
const BYTE_ORDER_MARK = '\ufeff';

/** The parts of a verified body, in its order, messages in that of their times. Total. */
export function partsOf(body: Buffer, post: string, nowMs: number): WebhookPart[] {
  try {
    return parseWebhook(JSON.parse(post.startsWith(BYTE_ORDER_MARK) ? post.slice(1) : post), nowMs);
  } catch {
    // Signed, so it is Meta's, and it would send the same bytes for days: kept for a person instead.
    return [{ kind: 'unreadable', reason: 'body is not JSON', raw: body.toString('latin1') }];
  }
}

/** A message may fail again at another time; every other status is said once. */
function statusIdOf({ whatsappId, status, atMs }: StatusCommand): string {
  return status === 'failed' ? `st:${whatsappId}:failed:${atMs}` : `st:${whatsappId}:${status}`;
}

export class Handover {
  parked = 0;
  /** Statuses of messages to people who are nobody here. */
  strangers = 0;
  /** Messages with neither a number nor a user id that Meta would send anything to: parked. */
  malformedUserIds = 0;
  readonly #deps: HandoverDeps;
  readonly #alarm: AccountAlarm;
  /** Who is being told under which command id of which tenant. */
  readonly #telling = new Map<string, Promise<boolean>>();

  constructor(deps: HandoverDeps) {
    this.#deps = deps;
    this.#alarm = new AccountAlarm({ monotonicMs: () => deps.monotonicMs(), warn: (facts, text) => deps.warn(facts, text) });
  }

  /** What a shop's account, number or templates have become, or refuse. */
  get accountNews(): number {
    return this.#alarm.raised;
  }

  /** @returns whether the part is durable: in a journal, parked, or refused for good. Total. */
  async take(part: WebhookPart, post: string, deadlineMs: number): Promise<boolean> {
    const untilMs = this.#untilMs(deadlineMs);
    return this.#tell(await this.#route(part, post), untilMs);
  }

  /**
   * Looks all addresses up first and then tells the actors in the order of the post, so that two messages of one
   * person never overtake each other. A part that fails stops none of its neighbours.
   */
  async takeAll(parts: readonly WebhookPart[], post: string, deadlineMs: number): Promise<boolean> {
    const untilMs = this.#untilMs(deadlineMs);
    let durable = true;
    for (let at = 0; at < parts.length; at += PARTS_IN_FLIGHT_MAX) {
      // What is left comes again with the whole post; what is done already is then recognised.
      if (at > 0 && this.#deps.monotonicMs() >= untilMs) return false;
      const routes = await Promise.all(parts.slice(at, at + PARTS_IN_FLIGHT_MAX).map((part) => this.#route(part, post)));
      const told = await Promise.all(routes.map((to) => this.#tell(to, untilMs)));
      durable &&= told.every(Boolean);
    }
    return durable;
  }

  /** Parks what no actor takes. Total. */
  async #route(part: WebhookPart, post: string): Promise<Route> {
    try {
      switch (part.kind) {
        case 'message':
          return await this.#message(part, post);
        case 'status':
          return await this.#status(part, post);
        case 'moved':
          return await this.#moved(part, post);
        case 'preference':
          return await this.#preference(part, post);
        case 'account':
          return await this.#account(part, post);
        case 'echo':
          return await this.#echo(part, post);
        case 'unreadable':
          return await this.#unreadable(part, post);
      }
    } catch (error) {
      this.#deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook part not durable');
      return 'failed';
    }
  }

  async #message(part: Part<'message'>, post: string): Promise<Route> {
    const tenant = await this.#tenantOf(part.phoneNumberId);
    if (tenant === null) return this.#park('unknown phone number', null, part, post);
    const { command } = part;
    const { contact, content, whatsappId } = command;
    const { customers } = this.#deps;
    const news = content.kind === 'system' ? { waId: content.newWaId, userId: content.newUserId } : NOBODY;
    // By the news itself, not by the number that it comes from: when it is told again, that may be somebody else's.
    const moved = await follow(customers, tenant.tenantId, contact, news, { id: whatsappId, atMs: command.sentAtMs });
    const to = moved === null ? await this.#conversationOf(tenant, contact) : conversationRef(tenant.tenantId, tenant.dataShard, moved);
    return { to, command, commandId: `wa:${whatsappId}` };
  }

  /** Makes nobody a customer, unless it says of a person that no advertisement may follow. */
  async #status(part: Part<'status'>, post: string): Promise<Route> {
    const tenant = await this.#tenantOf(part.phoneNumberId);
    if (tenant === null) return this.#park('unknown phone number', null, part, post);
    const { command, recipient } = part;
    this.#noteFault(part.phoneNumberId, command.errorCode);
    if (isNobody(recipient)) return this.#park('status without a recipient', tenant.tenantId, part, post);
    const commandId = statusIdOf(command);
    if (saysMarketingStopped(command)) return { to: await this.#conversationOf(tenant, recipient), command, commandId };
    const customerId = await this.#deps.customers.known(tenant.tenantId, recipient);
    if (customerId !== null) return { to: conversationRef(tenant.tenantId, tenant.dataShard, customerId), command, commandId };
    // Of what another system wrote from this number, perhaps to thousands: not parked, where it would push out what somebody should see.
    this.strangers++;
    return 'done';
  }

  /** The words are kept for a person, the chat hears that somebody wrote. */
  async #echo(part: Part<'echo'>, post: string): Promise<Route> {
    const { command, phoneNumberId, recipient, value } = part;
    await this.#park('echo', null, { kind: 'echo', phoneNumberId, value }, post);
    if (command === null || phoneNumberId === null || isNobody(recipient)) return 'done';
    const tenant = await this.#tenantOf(phoneNumberId);
    if (tenant === null) return 'done';
    return { to: await this.#conversationOf(tenant, recipient), command, commandId: `ec:${command.whatsappId}` };
  }

  async #account(part: Part<'account'>, post: string): Promise<Route> {
    const done = await this.#park(part.field, null, part, post);
    this.#noteAccount(part);
    return done;
  }

  /** Errors beside messages are about the number as a whole; other fields say by their name whether a person should look. */
  #noteAccount({ field, phoneNumberId, wabaId, value }: Part<'account'>): void {
    if (field === 'messages.errors') for (const error of list(value)) this.#noteFault(phoneNumberId, number(object(error)?.code));
    if (!OPERATIONS.has(field)) return;
    this.#alarm.raise({ wabaId, field, event: name(object(value)?.event) }, 'Meta tells news of an account: see the parked webhooks');
  }

  #noteFault(phoneNumberId: string | null, graphCode: number | null): void {
    if (isAccountFault(graphCode)) this.#alarm.raise({ phoneNumberId, graphCode }, "Meta reports a fault of a shop's account");
  }

  #unreadable({ reason, raw }: Part<'unreadable'>, post: string): Promise<Route> {
    if (reason === MALFORMED_USER_ID) {
      this.malformedUserIds++;
      this.#deps.warn({}, 'message from a malformed user id parked');
    }
    return this.#park(reason, null, raw, post);
  }

  async #moved(part: Part<'moved'>, post: string): Promise<Route> {
    const tenant = await this.#tenantOf(part.phoneNumberId);
    if (tenant === null) return this.#park('unknown phone number', null, part, post);
    await follow(this.#deps.customers, tenant.tenantId, part.from, part.to, part.notice);
    return 'done';
  }

  /** Also of somebody who never wrote: who comes later must not be advertised to. */
  async #preference(part: Part<'preference'>, post: string): Promise<Route> {
    const tenant = await this.#tenantOf(part.phoneNumberId);
    if (tenant === null) return this.#park('unknown phone number', null, part, post);
    const { command, person } = part;
    const to = await this.#conversationOf(tenant, person);
    return { to, command, commandId: `up:${to.id}:${command.isWanted ? 'resume' : 'stop'}:${command.atMs}` };
  }

  async #tenantOf(phoneNumberId: string): Promise<TenantAddress | null> {
    const tenant = await this.#deps.tenants.byPhoneNumberId(phoneNumberId);
    if (tenant === null) this.#deps.warn({ phoneNumberId }, 'webhook for a number of no tenant');
    return tenant;
  }

  async #conversationOf(tenant: TenantAddress, { waId, userId }: Keys): Promise<EntityRef> {
    const customerId = await this.#deps.customers.resolve(tenant.tenantId, { waId, userId });
    return conversationRef(tenant.tenantId, tenant.dataShard, customerId);
  }

  /**
   * One id is news of a tenant once, whoever it names: two people who are told of it together would refuse each other in the journal,
   * and everybody in the same group commit. So the second waits, and is then recognised. Total.
   */
  async #tell(route: Route, untilMs: number): Promise<boolean> {
    if (typeof route === 'string') return route === 'done';
    const key = `${route.to.tenantId}/${route.commandId}`;
    const before = this.#telling.get(key);
    const told = before === undefined ? this.#ask(route, untilMs) : before.then(() => this.#ask(route, untilMs));
    this.#telling.set(key, told);
    const durable = await told;
    if (this.#telling.get(key) === told) this.#telling.delete(key);
    return durable;
  }

  /** The monotonic time of a deadline: lookups and those told before may take a while, in which the clock may be set. */
  #untilMs(deadlineMs: number): number {
    return this.#deps.monotonicMs() + deadlineMs - this.#deps.nowMs();
  }

  /** Total. */
  async #ask({ to, command, commandId }: Exclude<Route, string>, untilMs: number): Promise<boolean> {
    const deadlineMs = this.#deps.nowMs() + untilMs - this.#deps.monotonicMs();
    try {
      const answer: Answer = await this.#deps.system.ask(to, command, { commandId, storeReply: false, lane: 'command', deadlineMs });
      // Poison was given up for good and is kept as a dead letter: coming again would not help.
      return answer.ok || 'refusal' in answer || answer.fault.code === 'runtime.poison';
    } catch (error) {
      this.#deps.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'webhook part not durable');
      return false;
    }
  }

  async #park(reason: string, tenantId: number | null, part: unknown, post: string): Promise<'done'> {
    this.parked++;
    await this.#deps.parking.park({ source: 'whatsapp', reason, tenantId, ...parked(reason, part, post) });
    return 'done';
  }
}
