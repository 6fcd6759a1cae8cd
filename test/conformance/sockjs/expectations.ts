// What several of the SockJS protocol checks demand of a response.
import assert from 'node:assert/strict';
import type { RawHead, RawResponse } from '../../fixtures/raw-client.js';
import type { SockJsTarget } from './sockjs-target.js';

export function expectContentType(response: RawHead, expected: string): void {
  assert.equal(response.fields.get('content-type')?.replaceAll(' ', ''), expected);
}

export function expectNoCookie(response: RawHead): void {
  assert.equal(response.fields.get('set-cookie'), undefined);
}

/** The path follows the pair at once, as that is where some balancers look. */
export function expectSessionCookie(response: RawHead, value: string): void {
  const [pair, path] = (response.fields.get('set-cookie') ?? '').split(';');
  assert.equal(pair, `JSESSIONID=${value}`);
  assert.equal(path?.trim().toLowerCase(), 'path=/');
}

/** Credentials are allowed only to an origin that was named. */
export function expectSharedWith(response: RawHead, origin: string): void {
  assert.equal(response.fields.get('access-control-allow-origin'), origin);
  assert.equal(response.fields.get('access-control-allow-credentials'), 'true');
}

export function expectNotCacheable(response: RawHead): void {
  assert.equal(response.fields.get('cache-control'), 'no-store, no-cache, no-transform, must-revalidate, max-age=0');
  assert.ok(!response.fields.get('expires'));
  assert.ok(!response.fields.get('last-modified'));
}

/** Cacheable by all, for months. */
export function expectCacheable(response: RawHead): void {
  const cacheControl = response.fields.get('cache-control') ?? '';
  assert.match(cacheControl, /public/);
  assert.ok(Number(/max-age=(\d+)/.exec(cacheControl)?.[1]) >= 1_000_000, cacheControl);
  assert.ok(response.fields.get('expires'));
}

export function expectNotAllowed(response: RawResponse): void {
  assert.equal(response.status, 405);
  assert.ok(!response.fields.get('content-type'));
  assert.ok(response.fields.get('allow'));
  assert.equal(response.body, '');
}

export function expectAnswer(response: RawResponse, status: number, body: string): void {
  assert.equal(response.body, body);
  assert.equal(response.status, status);
}

/** A preflight request is answered without a body, cacheably, and names the methods that were asked for. */
export async function expectPreflight(target: SockJsTarget, path: string, methods: readonly string[]): Promise<void> {
  for (const origin of ['test', 'null']) {
    const response = await target.options(path, { 'Access-Control-Request-Method': methods.join(', '), Origin: origin });
    assert.ok(response.status === 204 || response.status === 200, String(response.status));
    expectCacheable(response);
    assert.ok(Number(response.fields.get('access-control-max-age')) > 1_000_000);
    const allowed = response.fields.get('access-control-allow-methods') ?? '';
    for (const method of methods) assert.ok(allowed.includes(method), `${method} in ${allowed}`);
    assert.equal(response.body, '');
    expectSharedWith(response, origin);
  }
}
