// The balancer "random": draws servers, each as likely as its weight, and takes the one of them with the least load for
// its weight. It needs to know nothing of what others send, and still keeps the load even.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';

export class RandomDraws implements Balancer {
  private candidates: readonly Server[] = [];
  /** For each candidate the sum of the weights up to its own. */
  private sums = new Float64Array(0);

  /** `draws`: from 1. `random`: from 0 up to below 1. */
  constructor(
    private readonly draws: number,
    private readonly random: () => number = Math.random,
  ) {}

  pick(candidates: readonly Server[]): Server | null {
    if (candidates.length < 2) return candidates.length === 0 ? null : candidates[0];
    if (candidates !== this.candidates) this.sumUp(candidates);
    let taken = this.draw(candidates);
    for (let i = 1; i < this.draws; i++) {
      const drawn = this.draw(candidates);
      if (drawn.loadOfAll * taken.weight < taken.loadOfAll * drawn.weight) taken = drawn;
    }
    return taken;
  }

  private sumUp(candidates: readonly Server[]): void {
    let sum = 0;
    this.candidates = candidates;
    this.sums = Float64Array.from(candidates, ({ weight }) => {
      sum += weight;
      return sum;
    });
  }

  /** The first whose sum is above what was drawn. */
  private draw(candidates: readonly Server[]): Server {
    const { sums } = this;
    const drawn = this.random() * sums[sums.length - 1];
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > drawn) high = middle;
      else low = middle + 1;
    }
    return candidates[low];
  }
}
