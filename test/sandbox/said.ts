/** A customer who writes on the sandbox page, and what the shop gets of it. */
import type { Page } from 'playwright-core';

export async function say(page: Page, text: string): Promise<void> {
  await page.fill('#text', text);
  await page.keyboard.press('Enter');
}

/** Texts that reached the shop, oldest first, as often as they came. */
export function arrivedIn(webhooks: readonly unknown[]): string[] {
  return webhooks.flatMap((webhook) => [...JSON.stringify(webhook).matchAll(/"text":\{"body":"([^"]*)"/g)].map(([, text]) => text ?? ''));
}
