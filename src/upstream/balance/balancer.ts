// What every balancer is: a choice among servers that may all be chosen. It knows nothing of health, limits or
// stickiness; whoever calls it has applied those.
import type { ExchangeView } from '../../route/exchange-view.js';
import type { Server } from '../server.js';

export interface Balancer {
  /**
   * One of the candidates; null exactly if there are none. Changes nothing but the balancer's own rotation, which it
   * keeps by {@link Server.index}, so that candidates may come and go between calls. `x` is null in TCP mode.
   * Allocates nothing.
   */
  pick(candidates: readonly Server[], x: ExchangeView | null): Server | null;
}
