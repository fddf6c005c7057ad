/** Once before the suite: installs the browser that the page tests need, where that is possible without asking anybody. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CHROMIUM = '/usr/bin/chromium';
const INSTALL_MAX_MS = 600_000;

export default function setup(): void {
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  // Where it cannot be installed here, the tests that need it say what to install.
  if (existsSync(CHROMIUM) || !canInstall) return;
  process.stderr.write('tests: installing chromium …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MAX_MS });
    if (status !== 0) {
      process.stderr.write('tests: could not install chromium; install it with: apt-get install chromium\n');
      return;
    }
  }
}
