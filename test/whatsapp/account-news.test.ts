/** What Meta says by webhook of a shop's account, number or templates reaches an operator, and is no flood of lines. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { envelope, status } from './bodies.ts';
import { type Stage, stage } from './ingest-harness.ts';

const FAULT = "Meta reports a fault of a shop's account";
const NEWS = 'Meta tells news of an account: see the parked webhooks';

let door: Stage;

beforeEach(async () => {
  door = await stage();
});
afterEach(() => door.close());

const failedWith = (code: number, id: string): object => status({ id, status: 'failed', errors: [{ code }] });

describe('a failed status', () => {
  it.each([0, 190, 368, 131_031, 131_037, 131_042, 131_048, 131_064])(
    'that blames the account (%i) is told to an operator once, and to its conversation each time',
    async (code) => {
      for (const id of ['wamid.O1', 'wamid.O2']) expect((await door.post(failedWith(code, id))).status).toBe(200);
      expect(door.warnings).toEqual([FAULT]);
      expect(door.handover.accountNews).toBe(2);
      expect(door.asked.map(({ command }) => command.whatsappId)).toEqual(['wamid.O1', 'wamid.O2']);
    },
  );

  it.each([131_026, 131_047, 131_049, 131_050, 130_472])(
    'that blames nobody but its message or its reader is no news: %i',
    async (code) => {
      await door.post(failedWith(code, 'wamid.O1'));
      expect([door.warnings, door.handover.accountNews]).toEqual([[], 0]);
    },
  );

  it('blames the account also when its reader is nobody here', async () => {
    door.onKnown = () => null;
    await door.post(failedWith(131_042, 'wamid.O1'));
    expect([door.warnings, door.handover.strangers]).toEqual([[FAULT], 1]);
  });
});

it('errors beside messages that blame the account are told and kept', async () => {
  const errors = [{ code: 130_429 }, 'odd', { code: 0, title: 'We were unable to authenticate the app user' }];
  expect((await door.post(envelope({ errors }))).status).toBe(200);
  expect([door.warnings, door.parked.length]).toEqual([[FAULT], 1]);
});

describe('a field about the account', () => {
  it.each([
    ['account_alerts', { entity_type: 'BUSINESS', alert_info: { alert_severity: 'WARNING' } }],
    ['account_review_update', { decision: 'REJECTED' }],
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }],
    ['business_capability_update', { max_daily_conversation_per_phone: 250 }],
    ['message_template_components_update', { message_template_name: 'order_ready' }],
    ['message_template_quality_update', { new_quality_score: 'RED' }],
    ['message_template_status_update', { event: 'PAUSED', reason: null }],
    ['phone_number_name_update', { decision: 'REJECTED', rejection_reason: null }],
    ['phone_number_quality_update', { event: 'FLAGGED', current_limit: 'TIER_1K' }],
    ['security', { event: 'PIN_RESET_REQUEST' }],
    ['template_category_update', { new_category: 'MARKETING' }],
  ])('%s is told to an operator and kept', async (field, value) => {
    expect((await door.post(envelope(value, field))).status).toBe(200);
    expect([door.warnings, door.handover.accountNews, door.parked.length]).toEqual([[NEWS], 1, 1]);
  });

  it('is told again when it says something else', async () => {
    for (const event of ['FLAGGED', 'FLAGGED', 'UNFLAGGED']) await door.post(envelope({ event }, 'phone_number_quality_update'));
    expect([door.warnings, door.handover.accountNews]).toEqual([[NEWS, NEWS], 3]);
  });

  it.each(['calls', 'history', 'smb_app_state_sync', 'group_participants_update', 'business_username_update', 'x'])(
    'is not %s, which is only kept',
    async (field) => {
      await door.post(envelope({ event: 'x' }, field));
      expect([door.warnings, door.parked.length]).toEqual([[], 1]);
    },
  );
});
