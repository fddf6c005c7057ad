/** PostgreSQL refuses to run as root. How to start a program as somebody else when we are root. */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** `nobody` on Debian and most others; initdb needs a user that exists. */
const NOBODY = 65_534;
const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000'];
/** It may go wherever we may: the data folder of a root user is often in a place that is closed to others. */
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];

export interface Launcher {
  command(program: string, args: readonly string[]): { readonly program: string; readonly args: readonly string[] };
  readonly options: { readonly uid?: number; readonly gid?: number };
  /** Gives a folder to the user that the program will run as. */
  own(folder: string): void;
}

const direct: Launcher = { command: (program, args) => ({ program, args }), options: {}, own: () => undefined };

/**
 * A user namespace keeps file ownership and needs no system user. Where it is refused, as in most containers, `nobody` has to do, and
 * without the means to let it in, the folders above the data folder must be open to it.
 */
export function unprivilegedLauncher(): Launcher {
  if (process.getuid?.() !== 0) return direct;
  if (works('unshare', NAMESPACE)) return { ...direct, command: through('unshare', NAMESPACE) };
  const own = (folder: string): void => chownSync(folder, NOBODY, NOBODY);
  if (works('setpriv', AS_NOBODY)) return { ...direct, command: through('setpriv', AS_NOBODY), own };
  return { ...direct, options: { uid: NOBODY, gid: NOBODY }, own };
}

function works(tool: string, args: readonly string[]): boolean {
  return spawnSync(tool, [...args, 'true'], { stdio: 'ignore' }).status === 0;
}

function through(tool: string, before: readonly string[]): Launcher['command'] {
  return (program, args) => ({ program: tool, args: [...before, program, ...args] });
}
