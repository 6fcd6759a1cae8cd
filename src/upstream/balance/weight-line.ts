// Servers one behind the other, each as long as its weight: what a draw or a hash points into.
import type { Server } from '../server.js';

export class WeightLine {
  /** For each server the sum of the weights up to its own. */
  private readonly ends: Float64Array;
  /** The sum of all weights. */
  readonly length: number;

  /** At least one server. Weights are those of now. */
  constructor(private readonly servers: readonly Server[]) {
    let length = 0;
    this.ends = Float64Array.from(servers, ({ weight }) => {
      length += weight;
      return length;
    });
    this.length = length;
  }

  /** `place`: from 0 up to below {@link length}. */
  at(place: number): Server {
    const { ends } = this;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > place) high = middle;
      else low = middle + 1;
    }
    return this.servers[low];
  }
}
