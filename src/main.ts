/** The command line. Each command wires what it needs and nothing else does; every rule lives elsewhere. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type Config, loadConfig, processEnvironment } from './config.ts';
import { sayUnknown } from './config-unknown.ts';
import { CodedError, type ErrorCode } from './errors.ts';
import { watchOutput } from './lost-output.ts';
import { createLog } from './observability/log.ts';
import { loadSecrets } from './secrets-file.ts';
import type { CityCommandOptions } from './simulate/city/command.ts';
import type { CityDayCommandOptions, MdrpCommandOptions } from './simulate/commands.ts';
import type { Role } from './transport/http/auth.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** A stop that takes so much longer than requests in flight may is stuck where nobody thought of, or in a start. */
const STOP_SLACK_MS = 15_000;
const EXIT = { ok: 0, failed: 1, usage: 64, configuration: 78 } as const;

/** @param args without the interpreter and the script. Resolves when a command is done; `serve` runs until a signal. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('wakala')
    .description('Real-time backend for conversational commerce and last-mile delivery')
    .version(versionOf(), '-V, --version', 'print the version')
    .exitOverride();
  program.command('serve').description('run the server (everything from the environment)').action(serve);
  program
    .command('migrate')
    .description('bring the database to the present schema')
    .option('--json', 'print data as JSON')
    .action(migrateCommand);
  program
    .command('doctor')
    .description('find misconfiguration and say the fix')
    .option('--json', 'print data as JSON')
    .action(doctorCommand);
  program
    .command('token')
    .description('print a JWT')
    .requiredOption('--role <role>', 'platform_admin, tenant_owner, staff, driver, operator or auditor')
    .option('--tenant <id>', 'tenant (UUID); none for platform roles')
    .option('--sub <id>', 'subject', 'cli')
    .option('--ttl <duration>', 'lifetime, like 15m, 1h, 30d', '1h')
    .option('--json', 'print data as JSON')
    .action(tokenCommand);
  program
    .command('replay')
    .description('run recorded data through the code that runs in production')
    .command('gps <file>')
    .description('fixes (CSV t_ms,lat,lng,accuracy_m,speed_mps): one JSON line a fix')
    .option('--fence <lat,lng>', 'the stop: arrival, leaving and ETA are reported')
    .action(replayGpsCommand);
  addSimulations(program.command('simulate').description('run the real dispatch code on made-up or recorded cities'));
  program
    .command('openapi')
    .description('print the OpenAPI 3.1 document')
    .option('--json', 'print data as JSON: it always is')
    .action(openapiCommand);
  watchOutputOnce();
  try {
    await program.parseAsync(namesUnknown(program, args) ? args.filter((word) => !HELP.has(word)) : (args as string[]), { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

let isServing = false;
let isWatched = false;

/** Once a process, however often it runs a command. */
function watchOutputOnce(): void {
  if (isWatched) return;
  isWatched = true;
  watchOutput(process.stdout, process.stderr, {
    isAllThatCounts: () => !isServing,
    end: (outcome) => process.exit(EXIT[outcome]),
    say: (text) => void process.stderr.write(text),
  });
}

const HELP: ReadonlySet<string> = new Set(['help', '-h', '--help']);

/** The parser would help with the commands that there are, and end well, where help on one that there is not was asked for. */
function namesUnknown(program: Command, args: readonly string[]): boolean {
  let group = program;
  for (const word of args) {
    if (group.commands.length === 0) return false;
    if (word.startsWith('-') || HELP.has(word)) continue;
    const named = group.commands.find((command) => command.name() === word);
    if (named === undefined) return true;
    group = named;
  }
  return false;
}

/** Of the package that this file, built, stands in. */
function versionOf(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function addSimulations(simulated: Command): void {
  simulated
    .command('mdrp')
    .description('one instance in the public MDRP format: writes a solution, prints a report')
    .requiredOption('--instance <dir>', 'folder with orders.txt, couriers.txt, restaurants.txt, instance_parameters.txt')
    .requiredOption('--out <dir>', 'folder for the solution_info files')
    .option('--policy <policy>', 'joint (the dispatcher), or a baseline: nearest, fifo, bids', 'joint')
    .option('--slots <n>', 'orders that a courier may have at once (joint)')
    .option('--expire-after <minutes>', 'an order that nobody has after so long is given up')
    .option('--no-stacking', 'no second order for a courier under way (joint)')
    .option('--no-look-ahead', 'orders do not wait for couriers who are free soon (joint)')
    .option('--json', 'print data as JSON')
    .action(simulateMdrpCommand);
  simulated
    .command('city-day')
    .description('write a made-up day in the same format, the same for the same seed')
    .requiredOption('--seed <n>', 'whole number')
    .requiredOption('--out <dir>', 'folder for the instance')
    .option('--orders <n>', 'how many, 3000')
    .option('--couriers <n>', 'how many, 400')
    .action(simulateCityDayCommand);
  simulated
    .command('city')
    .description('drivers, customers and a shop against the running server: a demo and a load')
    .option('--drivers <n>', 'phones on the road', '50')
    .option('--orders-per-hour <n>', 'by chat, at random instants', '120')
    .option('--minutes <n>', 'then it stops', '10')
    .option('--speed <mps>', 'of the riders, metres a second', '8')
    .option('--radius <m>', 'around the demo shop', '3000')
    .option('--seed <n>', 'the same city again', '1')
    .option('--url <url>', 'another server with the same token secret')
    .option('--json', 'print data as JSON')
    .action(simulateCityCommand);
}

function exitCodeOf(error: unknown): number {
  const usage = (error as { code?: unknown }).code;
  // What the parser refuses it has told itself.
  if (usage === 'simulate.usage' || usage === 'wakala.usage') {
    process.stderr.write(`wakala: ${(error as Error).message}\n`);
    return EXIT.usage;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { code: found } = error as { code?: unknown };
  // Ours are `group.reason`; an error of the system has its code in its message.
  const code = typeof found === 'string' && found.includes('.') ? found : null;
  process.stderr.write(`wakala: ${code === null ? '' : `${code}: `}${error instanceof Error ? error.message : String(error)}\n`);
  return code !== null && isForGood(code) ? EXIT.configuration : EXIT.failed;
}

/** Build and database do not belong together: no retry cures it, so it ends as a wrong environment does. */
const MISMATCHES: ReadonlySet<string> = new Set(['database.newer_schema', 'database.migration_changed'] satisfies ErrorCode[]);

/** What a supervisor should not start again by itself. */
function isForGood(code: string): boolean {
  return MISMATCHES.has(code) || (code.startsWith('config.') && code !== 'config.port_taken');
}

/** Prints every problem at once and ends with 78 when the environment is not usable. */
function configOrExit(options: Parameters<typeof loadConfig>[1] = {}): Config {
  const loaded = loadConfig(processEnvironment(), options);
  if (loaded.ok) return loaded.config;
  const lines = loaded.problems.map((problem) => `  ${problem.name}: ${problem.problem}`);
  if (loaded.unknownVariables.length > 0) lines.push(`  known to nobody: ${sayUnknown(loaded.unknownVariables)}`);
  process.stderr.write(`wakala: config.invalid: ${loaded.problems.length} problem(s) in the environment\n${lines.join('\n')}\n`);
  process.exit(EXIT.configuration);
}

async function serve(): Promise<void> {
  const config = configOrExit();
  isServing = true;
  const log = createLog({ level: config.logLevel });
  const unknown = sayUnknown(config.unknownVariables);
  if (unknown !== '') log.warn({ unknown }, 'variables that nothing knows are set: they do nothing');
  const { startNode } = await import('./node/node.ts');
  const startedMs = Date.now();
  const starting = startNode(config, log);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({ signal }, 'did not stop in time');
      process.kill(process.pid, 'SIGKILL');
    }, config.http.drainTimeoutMs + STOP_SLACK_MS).unref();
    // What has begun to start is finished first: half of it could not be stopped in order. A start that fails says so below.
    starting
      .then((node) => node.stop())
      .then(
        () => process.exit(EXIT.ok),
        (error: unknown) => {
          if (!started) return;
          log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'did not stop in order');
          // An exit would wait for a thread that hangs; the journal has what was promised.
          if ((error as { threadHangs?: unknown }).threadHangs === true) process.kill(process.pid, 'SIGKILL');
          process.exit(EXIT.failed);
        },
      );
  };
  // Before the first answer of the start: the database must not outlive us. A closed terminal is a stop as well.
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop(signal));
  let started = false;
  const node = await starting;
  started = true;
  const { baseUrl } = await import('./node/base-url.ts');
  if (!stopping) printUrls(config, node, baseUrl, Date.now() - startedMs);
}

function printUrls(
  config: Config,
  node: { readonly port: number; readonly opsPort: number; readonly embedded: boolean },
  baseUrl: (host: string, port: number) => string,
  tookMs: number,
): void {
  const base = baseUrl(config.http.host, node.port);
  const lines = [
    `Wakala is ready in ${(tookMs / 1_000).toFixed(1)} s  (${config.workers} worker threads, node ${config.nodeId})`,
    '',
    ...(config.sandbox ? [`  Sandbox phone   ${base}/sandbox      order something by chat`] : []),
    `  Driver's app    ${base}/drive${config.sandbox ? '?demo=1   play one of the demo drivers' : ''}`,
    `  API             ${base}/docs         contract: /openapi.json`,
    `  Webhook         ${base}/webhooks/whatsapp`,
    `  Operations      ${baseUrl(config.ops.host, node.opsPort)}/readyz   /metrics  /v1/cluster`,
    '',
    `  Real:      PostgreSQL (${node.embedded ? `embedded, under ${config.dataDir}` : 'DATABASE_URL'}), journal, signatures, order and stock rules`,
    config.sandbox ? '  Sandboxed: WhatsApp delivery for tenants without an access token (the demo shop)' : '  Sandboxed: nothing',
    ...(config.ignoredVariables.length === 0 ? [] : [`  Ignored:   ${config.ignoredVariables.join(', ')} (set, but not used yet)`]),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function migrateCommand(options: { readonly json?: boolean }): Promise<void> {
  const config = configOrExit();
  const { openDatabase } = await import('./node/node.ts');
  const applied: unknown[] = [];
  const log = {
    warn: (() => undefined) as never,
    info: ((facts: { applied?: unknown[] }) => applied.push(...(facts.applied ?? []))) as never,
  };
  const database = await openDatabase(config, log, 0);
  await database.stop();
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ applied })}\n`
      : `${applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`}\n`,
  );
}

async function doctorCommand(options: { readonly json?: boolean }): Promise<void> {
  if (options.json === true && tellBadEnvironment()) return;
  const config = configOrExit({ secretsOf: loadSecrets });
  const { examine } = await import('./node/commands/doctor.ts');
  const findings = await examine(config);
  const healthy = findings.every((finding) => finding.ok);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ healthy, findings })}\n`);
  else
    for (const { ok, warning, name, text, fix } of findings)
      process.stdout.write(
        `${!ok ? 'BAD ' : warning === true ? 'WARN' : 'ok  '} ${name}: ${text}\n${fix === undefined ? '' : `     fix: ${fix}\n`}`,
      );
  process.exitCode = healthy ? EXIT.ok : EXIT.failed;
}

/** To whoever reads findings as JSON. @returns false when there is nothing to tell */
function tellBadEnvironment(): boolean {
  const loaded = loadConfig(processEnvironment(), { secretsOf: loadSecrets });
  if (loaded.ok) return false;
  const findings = loaded.problems.map(({ name, problem }) => ({ name, ok: false, text: problem }));
  process.stdout.write(`${JSON.stringify({ healthy: false, findings })}\n`);
  process.exitCode = EXIT.configuration;
  return true;
}

/** What they may do, they may do in a shop. */
const SHOP_ROLES: ReadonlySet<string> = new Set(['tenant_owner', 'staff', 'driver', 'operator', 'auditor'] satisfies Role[]);

async function tokenCommand(options: {
  readonly role: string;
  readonly tenant?: string;
  readonly sub: string;
  readonly ttl: string;
  readonly json?: boolean;
}): Promise<void> {
  const config = configOrExit();
  const [{ ROLES, SUBJECT_MAX_CHARS }, { mintToken, parseTtl }] = await Promise.all([
    import('./transport/http/auth.ts'),
    import('./transport/http/token.ts'),
  ]);
  if (config.secrets.jwksUrl !== null) {
    throw new CodedError(
      'config.tokens_elsewhere',
      'WAKALA_JWKS_URL is set: only tokens of that identity provider are taken, ask it for one',
    );
  }
  const role = ROLES.find((known) => known === options.role);
  const ttlS = parseTtl(options.ttl);
  if (role === undefined) throw usageError(`unknown role ${options.role}: ${ROLES.join(', ')}`);
  if (ttlS === null || ttlS === 0) throw usageError(`unreadable ttl ${options.ttl}: like 15m, 1h, 30d`);
  if (options.tenant !== undefined && !UUID.test(options.tenant)) throw usageError(`unreadable tenant ${options.tenant}: its id is a UUID`);
  if (options.sub === '' || options.sub.length > SUBJECT_MAX_CHARS) throw usageError(`a subject has 1 to ${SUBJECT_MAX_CHARS} characters`);
  // Still minted: it is what a test of refusals needs.
  if (options.tenant === undefined && SHOP_ROLES.has(role))
    process.stderr.write(`wakala: ${role} works in one tenant: without --tenant ID every call is answered with 403\n`);
  const tenant = options.tenant === undefined ? {} : { tenantId: options.tenant };
  const token = await mintToken({ secret: config.secrets.jwtSecret, sub: options.sub, roles: [role], ttlS, nowMs: Date.now(), ...tenant });
  process.stdout.write(options.json === true ? `${JSON.stringify({ token, expires_in_s: ttlS })}\n` : `${token}\n`);
}

function usageError(message: string): CommanderError {
  return new CommanderError(EXIT.usage, 'wakala.usage', message);
}

async function replayGpsCommand(file: string, options: { readonly fence?: string }): Promise<void> {
  const { parseStop, replayFile } = await import('./node/commands/replay-gps.ts');
  const stop = options.fence === undefined ? null : parseStop(options.fence);
  if (options.fence !== undefined && stop === null) throw usageError(`unreadable fence ${options.fence}: give lat,lng`);
  replayFile(file, stop, (line) => process.stdout.write(`${line}\n`));
}

async function simulateMdrpCommand(options: MdrpCommandOptions): Promise<void> {
  const { simulateMdrp } = await import('./simulate/commands.ts');
  simulateMdrp(options, (text) => process.stdout.write(text));
}

async function simulateCityCommand(options: CityCommandOptions): Promise<void> {
  const config = configOrExit();
  const { simulateCity } = await import('./simulate/city/command.ts');
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  const print = (line: string): void => void (options.json === true ? process.stderr : process.stdout).write(`${line}\n`);
  const report = await simulateCity(config, options, print, stopped.signal);
  process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 2)}\n`);
}

async function simulateCityDayCommand(options: CityDayCommandOptions): Promise<void> {
  const { simulateCityDay } = await import('./simulate/commands.ts');
  simulateCityDay(options, (text) => process.stdout.write(text));
}

async function openapiCommand(): Promise<void> {
  const { openApiText } = await import('./transport/http/register-api.ts');
  process.stdout.write(`${openApiText()}\n`);
}
