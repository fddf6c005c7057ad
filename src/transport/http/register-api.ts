/** Puts the public API and its contract onto an app. It must never hold a handler of its own beyond the contract's. */
import { type ApiDeps, type ApiRoute, addRoutes } from './api/api.ts';
import { DOCS_POLICY, docsPage } from './api/docs-page.ts';
import { openApiDocument } from './api/openapi.ts';
import type { HttpApp } from './server/app.ts';
import { answerWith, STATIC_FILE_HEADERS, staticFile } from './static-file.ts';
import { conversationRoutes } from './v1/conversations.ts';
import { customerRatingRoutes } from './v1/customer-ratings.ts';
import { dispatchRoutes } from './v1/dispatch.ts';
import { driverReportRoutes } from './v1/driver-reports.ts';
import { driverRoutes } from './v1/drivers.ts';
import { orderRoutes } from './v1/orders.ts';
import { productRoutes } from './v1/products.ts';
import { proofRoutes } from './v1/proofs.ts';
import { statementRoutes } from './v1/statements.ts';
import { tenantRoutes } from './v1/tenants.ts';

const API_VERSION = '1.0.0';

export const API_ROUTES: readonly ApiRoute[] = [
  ...tenantRoutes,
  ...productRoutes,
  ...orderRoutes,
  ...dispatchRoutes,
  ...proofRoutes,
  ...customerRatingRoutes,
  ...conversationRoutes,
  ...driverRoutes,
  ...driverReportRoutes,
  ...statementRoutes,
];

/** The contract as JSON text; also what `wakala openapi` prints. */
export function openApiText(): string {
  return JSON.stringify(openApiDocument(API_ROUTES, API_VERSION));
}

export function registerApi(app: HttpApp, deps: ApiDeps): void {
  addRoutes(app, deps, API_ROUTES);
  const document = openApiDocument(API_ROUTES, API_VERSION);
  const contract = staticFile('application/json; charset=utf-8', Buffer.from(JSON.stringify(document)));
  app.route('GET', '/openapi.json', answerWith(contract), { headers: STATIC_FILE_HEADERS });
  const page = staticFile('text/html; charset=utf-8', Buffer.from(docsPage(API_ROUTES, document)));
  app.route('GET', '/docs', answerWith(page, { 'content-security-policy': DOCS_POLICY }), { headers: STATIC_FILE_HEADERS });
}
