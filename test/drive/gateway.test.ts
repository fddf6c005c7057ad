/** What stands between the driver's phone and the server answers in its name, and takes nobody's sign-in away. */
import { expect, it } from 'vitest';
import type { Phone } from './browser.ts';
import type { FakeDispatch } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

let fake: FakeDispatch;
let phone: Phone;

onStage(
  (stage) => {
    ({ fake, phone } = stage);
  },
  { isOnline: true, shows: '#state:text-is("Online")' },
);

it('a firewall’s no to the driver’s own page does not sign out, the server’s does', async () => {
  const { page } = phone;
  let asked = 0;
  await page.route('**/v1/driver/me', (route) => {
    asked++;
    return route.fulfill({ status: 403, contentType: 'text/html', body: '<h1>Forbidden</h1>' });
  });
  fake.closeAll(1001);
  await expect.poll(() => asked).toBeGreaterThan(0);
  await page.waitForSelector('#state:text-is("Online")');
  const problem = JSON.stringify({ status: 401, code: 'auth.token_expired' });
  await page.route('**/v1/driver/me', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: problem }));
  fake.closeAll(1001);
  await page.waitForSelector('.wrong:has-text("sign-in has ended")');
});
