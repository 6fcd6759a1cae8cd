// What every balancer is: a choice among servers that may all be chosen. It knows nothing of health, limits or
// stickiness; whoever calls it has applied those.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';
import type { ConnectionView } from '../sticky/sticky-policy.js';

export interface Balancer {
  /**
   * One of the candidates; null exactly if there are none. A list that was given once is never changed, nor the weights of
   * its servers: the same list means the same candidates. Changes nothing but the balancer's own rotation, which it
   * keeps by {@link Server.index}, so that candidates may come and go between calls, in another list. `x` is null where nothing is
   * known of the client. Allocates nothing while the candidates stay the same.
   */
  pick(candidates: readonly Server[], x: ExchangeView | ConnectionView | null): Server | null;
}
