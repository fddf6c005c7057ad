/** Whether the node of this configuration runs already, as its operations port says. Changes nothing. */
import process from 'node:process';
import type { Config } from '../../config.ts';
import { baseUrl } from '../base-url.ts';

export interface RunningNode {
  readonly ready: boolean;
  /** What stands in its way, by the names of `/readyz`. */
  readonly problems: readonly string[];
}

/** An idle node answers within milliseconds. */
const ANSWER_WITHIN_MS = 5_000;

/** A name that nobody chose ends in the process id. */
function isSameNode(said: string, nodeId: string): boolean {
  const chosen = !nodeId.endsWith(`-${process.pid}`);
  const base = (id: string): string => (chosen ? id : id.replace(/\d+$/, ''));
  return base(said) === base(nodeId);
}

/** @returns null when nobody answers there, or another than the node of this name. Total. */
export async function findRunningNode({ ops, nodeId }: Pick<Config, 'ops' | 'nodeId'>): Promise<RunningNode | null> {
  const base = baseUrl(ops.host, ops.port);
  const ask = async (route: string): Promise<unknown> => {
    const answer = await fetch(`${base}${route}`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return await answer.json();
  };
  try {
    const cluster = (await ask('/v1/cluster')) as { readonly node_id?: unknown };
    if (typeof cluster.node_id !== 'string' || !isSameNode(cluster.node_id, nodeId)) return null;
    const { ready, checks = {} } = (await ask('/readyz')) as {
      readonly ready?: unknown;
      readonly checks?: Readonly<Record<string, unknown>>;
    };
    const problems = Object.entries(checks).filter(([, said]) => said !== 'ok');
    return { ready: ready === true, problems: problems.map(([name, said]) => `${name}: ${String(said)}`) };
  } catch {
    return null;
  }
}
