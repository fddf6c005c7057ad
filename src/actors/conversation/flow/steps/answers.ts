/** Reading the results of `send` effects. Knows no command. */
import type { Refusal, SendResult } from '../../../../runtime/behaviour.ts';

/** @returns the value of an accepted command, undefined when it was refused or is not a result. */
export function okValue(result: unknown): unknown {
  return isResult(result) && result.ok ? result.value : undefined;
}

/** @returns why it was refused; an unreadable result counts as a refusal, so that nothing waits for ever. */
export function refusalOf(result: unknown): Refusal {
  if (isResult(result) && !result.ok && typeof result.refusal?.code === 'string') return result.refusal;
  return { code: 'conversation.unreadable_answer' };
}

function isResult(result: unknown): result is SendResult {
  return typeof result === 'object' && result !== null && typeof (result as { ok?: unknown }).ok === 'boolean';
}
