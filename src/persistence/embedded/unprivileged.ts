/** PostgreSQL refuses to run as root. How to start a program as somebody else when we are root. */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** `nobody` on Debian and most others; initdb needs a user that exists. */
const NOBODY = 65_534;
const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000'];

export interface Launcher {
  command(program: string, args: readonly string[]): { readonly program: string; readonly args: readonly string[] };
  readonly options: { readonly uid?: number; readonly gid?: number };
  /** Gives a folder to the user that the program will run as. */
  own(folder: string): void;
}

const direct: Launcher = { command: (program, args) => ({ program, args }), options: {}, own: () => undefined };

/** A user namespace keeps file ownership and needs no system user; where it is refused, `nobody` has to do. */
export function unprivilegedLauncher(): Launcher {
  if (process.getuid?.() !== 0) return direct;
  const allowed = spawnSync('unshare', [...NAMESPACE, 'true'], { stdio: 'ignore' }).status === 0;
  if (allowed) return { ...direct, command: (program, args) => ({ program: 'unshare', args: [...NAMESPACE, program, ...args] }) };
  return { ...direct, options: { uid: NOBODY, gid: NOBODY }, own: (folder) => chownSync(folder, NOBODY, NOBODY) };
}
