// The two servers that the cases of the differential suites call A and B.
import { after, before } from 'node:test';
import { type EchoOrigin, startEchoOrigin } from '../fixtures/echo-origin.js';

export interface TwoOrigins {
  readonly a: EchoOrigin;
  readonly b: EchoOrigin;
}

/** Within a suite: they run while it does, and are there in its tests. */
export function withTwoOrigins(): TwoOrigins {
  const origins: { a?: EchoOrigin; b?: EchoOrigin } = {};
  before(async () => {
    origins.a = await startEchoOrigin('a');
    origins.b = await startEchoOrigin('b');
  });
  after(async () => {
    await origins.a?.close();
    await origins.b?.close();
  });
  return origins as TwoOrigins;
}
