import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../app/till.ts';
import {
  type ErrorBody,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  toErrorBody,
} from '../contract/index.ts';
import { callerName } from './context.ts';
import type { Api } from './create-api.ts';
import type { Passed } from './guard.ts';
import { sendError, sendJson } from './http-answer.ts';
import { readJsonBody } from './read-body.ts';
import { type Route, routesAt } from './routes.ts';

/** Where the description of the POS API is served. */
export const OPENAPI_PATH = '/v1/openapi.json';

/** Answers a request under `/v1` that has passed the guard. @param openapi the document as JSON text */
export async function answerV1(
  api: Api,
  openapi: string,
  request: IncomingMessage,
  response: ServerResponse,
  passed: Passed,
): Promise<void> {
  const found = routesAt(passed.path);
  const route = found.find(({ method }) => method === request.method);
  const isDocument = passed.path === OPENAPI_PATH && request.method === 'GET';

  const admitted =
    isDocument || route?.open === true ? admitAnybody(api, route) : admitCaller(api, passed);
  if (!admitted.ok) return refuse(toErrorBody(admitted.error), null);
  const { caller, stillValid, done } = admitted.value;
  response.once('close', done);

  if (isDocument) return sendJson(response, 200, openapi);
  if (route === undefined) {
    if (found.length === 0) return refuse(toErrorBody(failure('not-found')), caller);
    response.setHeader('Allow', found.map(({ method }) => method).join(', '));
    return refuse(toErrorBody(failure('wrong-method')), caller);
  }

  if (passed.hasBody) {
    const body = await readJsonBody(request, api.limits);
    if (!body.ok) return refuse(body.error, caller);
    Object.assign(request, { body: body.value });
  } else {
    // The handler must not wait for a body that was not announced.
    Object.assign(request, { body: null });
  }
  await api.http.handle(request, response, {
    prefix: '/v1',
    context: api.contextFor({ transport: 'http', caller, stillValid }),
  });

  function refuse(body: ErrorBody, by: Caller | null): void {
    api.log.access({
      transport: 'http',
      caller: callerName(by),
      procedure: route?.procedure ?? 'unknown',
      scope: null,
      outcome: body.code,
    });
    sendError(request, response, body);
  }
}

interface Admitted {
  readonly caller: Caller | null;
  readonly stillValid: () => boolean;
  readonly done: () => void;
}

/** Status, pairing and the API document answer anybody on this machine, at the rate of anybody. */
function admitAnybody(api: Api, route: Route | undefined): Result<Admitted, Failure> {
  const rate =
    route?.procedure === 'pos.pairings.create' ? api.rate.pairing() : api.rate.anonymous();
  return rate.ok ? ok({ caller: null, stillValid: () => true, done: () => undefined }) : rate;
}

/** Finds the paired program behind the token. Bad tokens share one rate, so that guessing them is slow. */
function admitCaller(api: Api, passed: Passed): Result<Admitted, Failure> {
  const { token } = passed;
  const client = token === undefined ? undefined : api.till.authenticate(token);
  if (token === undefined || client === undefined) {
    const rate = api.rate.anonymous();
    return rate.ok ? err(failure('unauthenticated')) : rate;
  }
  // The token of one web POS is worth nothing in the page of another.
  if (passed.pairedOrigin !== undefined && client.origin !== passed.pairedOrigin)
    return err(failure('forbidden-origin'));
  const caller: Caller = { kind: 'client', clientId: client.clientId, scopes: client.scopes };
  const rate = api.rate.request(callerName(caller));
  if (!rate.ok) return rate;
  return ok({
    caller,
    stillValid: () => api.till.authenticate(token) !== undefined,
    done: rate.value,
  });
}
