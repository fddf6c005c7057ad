/** Looks an installation over: can it start, and is what the read models say what the journal says? Makes nothing and changes nothing. */
import type { Config } from '../../config.ts';
import { sayUnknown } from '../../config-unknown.ts';
import { errorEntry } from '../../errors.ts';
import { hasCluster } from '../../persistence/embedded/embedded-postgres.ts';
import type { DatabaseAddress, DatabaseClient } from '../../persistence/postgres/connect.ts';
import { pendingMigrations } from '../../persistence/postgres/migrate.ts';
import { assertPortFree } from '../../transport/http/server/app.ts';
import { type ProbedService, probeRouting } from '../../transport/routing/probe.ts';
import { clusterDir, reachDatabase } from '../node.ts';
import { examineDataFolder } from './data-folder.ts';
import { findRunningNode, type RunningNode } from './running-node.ts';
import { verifyReplay } from './verify-replay.ts';

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** It runs, but not as somebody meant it. */
  readonly warning?: true;
  readonly text: string;
  /** What to do about it, where the fault has a code. */
  readonly fix?: string;
}

export async function examine(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [examineEnvironment(config)];
  const running = await findRunningNode(config);
  if (running !== null) findings.push(examineNode(running));
  for (const [name, host, port] of [
    ['PORT', config.http.host, config.http.port],
    ['WAKALA_OPS_PORT', config.ops.host, config.ops.port],
  ] as const) {
    if (running !== null) findings.push({ name, ok: true, text: `${host}:${port} is the running node's` });
    else findings.push(await check(name, () => assertPortFree(name, host, port).then(() => `${host}:${port} is free`)));
  }
  findings.push(...(await examineRoads(config)));
  if (config.embedded) findings.push(examineFolder(config));
  findings.push(await examineDatabase(config));
  return findings;
}

export function examineEnvironment({ ignoredVariables, unknownVariables }: Pick<Config, 'ignoredVariables' | 'unknownVariables'>): Finding {
  const name = 'environment';
  const said = [
    ...(ignoredVariables.length === 0 ? [] : [`nothing uses ${ignoredVariables.join(', ')} yet`]),
    ...(unknownVariables.length === 0 ? [] : [`nothing knows ${sayUnknown(unknownVariables)}`]),
  ];
  if (said.length === 0) return { name, ok: true, text: 'readable' };
  return { name, ok: true, warning: true, text: `readable; ${said.join('; ')}` };
}

function examineNode({ ready, problems }: RunningNode): Finding {
  return { name: 'node', ok: ready, text: ready ? 'runs and is ready' : `runs and is not ready (${problems.join('; ')})` };
}

/** Never bad: without road services everything works, by the built-in model. */
export async function examineRoads({ routing }: Pick<Config, 'routing'>): Promise<Finding[]> {
  const probed = await probeRouting(routing);
  if (probed.length === 0) return [{ name: 'roads', ok: true, text: 'the built-in model; no road service is configured' }];
  return probed.map((service) => {
    const text = `${service.source} at ${service.host} ${sayOf(service, routing.timeoutMs)}`;
    return { name: 'roads', ok: true, ...(service.outcome === 'ok' ? {} : { warning: true as const }), text };
  });
}

function sayOf({ outcome }: ProbedService, timeoutMs: number): string {
  switch (outcome) {
    case 'ok':
      return 'answers';
    case 'refused':
      return 'answers, but knows no way through Soweto: right only when its map is of another place';
    case 'unreachable':
      return 'cannot be reached: the built-in model answers instead';
    case 'timeout':
      return `does not answer within ${timeoutMs} ms: the built-in model answers instead`;
    default:
      return `does not answer as it should (${outcome}): the built-in model answers instead`;
  }
}

function examineFolder({ dataDir }: Config): Finding {
  const name = 'data folder';
  try {
    const { text, isTight } = examineDataFolder(dataDir);
    return { name, ok: true, ...(isTight ? { warning: true as const } : {}), text };
  } catch (error) {
    return faultOf(name, error);
  }
}

async function check(name: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, text: await look() };
  } catch (error) {
    return faultOf(name, error);
  }
}

/** With the code that `docs/ERRORS.md` explains, and its fix, where there is one. */
function faultOf(name: string, error: unknown): Finding {
  if (!(error instanceof Error)) return { name, ok: false, text: 'unknown' };
  const { code } = error as { code?: unknown };
  const known = typeof code === 'string' ? errorEntry(code) : null;
  if (known === null) return { name, ok: false, text: error.message };
  return { name, ok: false, text: `${code}: ${error.message}`, fix: known.fix };
}

/** What keeps from a look at an embedded database; null when nothing does. A look makes none. @throws Error of Node */
function unbegun({ embedded, dataDir, secrets }: Config): Finding | null {
  const name = 'database';
  if (!embedded) return null;
  if (!hasCluster(clusterDir({ dataDir })))
    return { name, ok: true, warning: true, text: `none yet under ${dataDir}: the first start (\`serve\`) makes it` };
  if (secrets.masterKey !== '') return null;
  return {
    name,
    ok: false,
    text: `there is one under ${dataDir}, but no secrets.json that opens it: put the file of its first start back`,
  };
}

/** Compares every read model with a replay of the journal. Migrates nothing: an older build may be at work on it. */
async function examineDatabase(config: Config): Promise<Finding> {
  const name = 'database';
  let pending: readonly string[] = [];
  let version = '?';
  const look = async (client: DatabaseClient): Promise<void> => {
    pending = await pendingMigrations(client);
    version = (await client.query<{ version: string }>("select current_setting('server_version') as version")).rows[0]?.version ?? '?';
  };
  try {
    const before = unbegun(config);
    if (before !== null) return before;
    const database = await reachDatabase(config, { info: () => undefined, warn: () => undefined }, look);
    try {
      if (pending.length === 0) return await check(name, () => examineReplay(config, database.address, version));
      const text = `PostgreSQL ${version}; ${pending.length} migrations of this build are not applied yet (\`migrate\` or \`serve\` does it): nothing was replayed`;
      return { name, ok: true, warning: true, text };
    } finally {
      await database.stop();
    }
  } catch (error) {
    return faultOf(name, error);
  }
}

async function examineReplay(config: Config, address: DatabaseAddress, version: string): Promise<string> {
  const replay = await verifyReplay(config, address);
  if (replay.differences.length > 0)
    throw new Error(`${replay.differences.length} entities differ from their journal: ${replay.differences.slice(0, 5).join('; ')}`);
  return `PostgreSQL ${version}, ${replay.entities} entities with ${replay.events} events replay to exactly what the read models say`;
}
