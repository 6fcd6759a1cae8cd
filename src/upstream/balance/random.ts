// The balancer "random": draws servers, each as likely as its weight, and takes the one of them with the least load for
// its weight. It needs to know nothing of what others send, and still keeps the load even.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';

export class RandomDraws implements Balancer {
  /** `draws`: from 1. `random`: from 0 up to below 1. */
  constructor(
    private readonly draws: number,
    private readonly random: () => number = Math.random,
  ) {}

  pick(candidates: readonly Server[]): Server | null {
    if (candidates.length < 2) return candidates.length === 0 ? null : candidates[0];
    let sum = 0;
    for (let i = 0; i < candidates.length; i++) sum += candidates[i].weight;
    let taken = this.draw(candidates, sum);
    for (let i = 1; i < this.draws; i++) {
      const drawn = this.draw(candidates, sum);
      if (drawn.loadOfAll * taken.weight < taken.loadOfAll * drawn.weight) taken = drawn;
    }
    return taken;
  }

  private draw(candidates: readonly Server[], sum: number): Server {
    let rest = this.random() * sum;
    for (let i = 0; i < candidates.length - 1; i++) {
      rest -= candidates[i].weight;
      if (rest < 0) return candidates[i];
    }
    return candidates[candidates.length - 1];
  }
}
