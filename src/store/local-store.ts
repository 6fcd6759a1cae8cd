// The store where owner and worker are one process: the same client, and calls in place of messages, so that every answer
// comes within the question.
import { EmbeddedStore } from './embedded-store.js';
import { StoreClient } from './store-client.js';

export function createLocalStore(clock: () => number = () => performance.now(), owner = new EmbeddedStore(clock)): StoreClient {
  const member = owner.join((reply) => client.take(reply));
  const client: StoreClient = new StoreClient((request) => member.take(request), { clock, isAlone: true });
  return client;
}
