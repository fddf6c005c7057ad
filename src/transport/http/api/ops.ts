/** The operations port: health, metrics, cluster, dead letters. It must never be public and never know a tenant's data. */
import { z } from 'zod';
import { InvalidCursor } from '../../../ports.ts';
import { isFromForeignPage, ORIGIN_HEADERS } from '../foreign-page.ts';
import { type HttpReply, type HttpRequest, json, unambiguousQueryOf } from '../message.ts';
import { Problem, problemOfIssues } from '../problem.ts';
import type { HttpApp } from '../server/app.ts';

const MAX_PAGE = 500;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const listQuery = z.object({
  limit: z.coerce.number().pipe(z.int().min(1).max(MAX_PAGE)).default(50),
  cursor: z.string().min(1).max(512).optional(),
});

interface Readiness {
  readonly ready: boolean;
  /** One entry a condition; the text says what is wrong, or `ok`. */
  readonly checks: Readonly<Record<string, string>>;
}

interface DeadLetterPage {
  /** Ready for JSON, without bodies. */
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

export interface OpsProviders {
  ready(): Promise<Readiness>;
  metricsText(): Promise<string>;
  cluster(): Promise<unknown>;
  /** Ends a worker thread at once, as a crash would; its replacement recovers from the journal. @returns false for an unknown thread. */
  replaceThread(thread: number): boolean;
  deadLetters(page: { readonly limit: number; readonly cursor: string | null }): Promise<DeadLetterPage>;
}

export function registerOps(app: HttpApp, providers: OpsProviders): void {
  app.route('GET', '/healthz', () => json(200, { status: 'ok' }));
  app.route('GET', '/readyz', async () => {
    const { ready, checks } = await providers.ready();
    return json(ready ? 200 : 503, { ready, checks });
  });
  app.route('GET', '/metrics', async () => ({
    status: 200,
    headers: { 'content-type': METRICS_TYPE },
    body: await providers.metricsText(),
  }));
  app.route('GET', '/v1/cluster', async () => json(200, await providers.cluster()));
  const replace = (request: HttpRequest): HttpReply => {
    refuseForeignPage(request);
    const thread = Number(request.params.thread);
    if (!Number.isInteger(thread) || !providers.replaceThread(thread)) throw new Problem('request.not_found');
    return json(202, { thread });
  };
  app.route('POST', '/v1/threads/:thread/replace', replace, { headers: ORIGIN_HEADERS });
  app.route('GET', '/v1/deadletters', async (request) => await deadLetters(request, providers));
}

/** There are no tokens here, and an operator has other pages open. @throws Problem `auth.forbidden` */
function refuseForeignPage(request: HttpRequest): void {
  if (isFromForeignPage(request)) throw new Problem('auth.forbidden', { detail: 'Pages of other sites may change nothing here.' });
}

async function deadLetters(request: HttpRequest, providers: OpsProviders): Promise<HttpReply> {
  const query = listQuery.safeParse(unambiguousQueryOf(request));
  if (!query.success) throw problemOfIssues(query.error);
  const page = await providers.deadLetters({ limit: query.data.limit, cursor: query.data.cursor ?? null }).catch((error: unknown) => {
    throw error instanceof InvalidCursor ? new Problem('request.invalid_cursor') : error;
  });
  return json(200, { items: page.items, next_cursor: page.nextCursor });
}
