/** What becomes of the program when its standard output or its errors cannot be written. It must never know what was to be written. */

/** A stream of the process, as far as it is watched. */
interface Watched {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

interface OutputRules {
  /** What the program says is all that it is for; otherwise it serves, and goes on without being heard. */
  isAllThatCounts(): boolean;
  /** Ends the program. */
  end(outcome: 'ok' | 'failed'): void;
  /** Says on standard error why. */
  say(text: string): void;
}

/**
 * A reader that closes its end (`| head`) has what it wanted. Output that is lost in another way, as on a full disk, is a
 * failure. Neither ends a server, and what cannot be said on standard error cannot be said at all.
 */
export function watchOutput(output: Watched, errors: Watched, rules: OutputRules): void {
  errors.on('error', () => undefined);
  output.on('error', (error) => {
    if (!rules.isAllThatCounts()) return;
    if (error.code === 'EPIPE') return rules.end('ok');
    rules.say(`wakala: standard output cannot be written: ${error.code ?? error.message}\n`);
    rules.end('failed');
  });
}
