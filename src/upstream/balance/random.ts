// The balancer "random": draws servers, each as likely as its weight, and takes the one of them with the least load for
// its weight. It needs to know nothing of what others send, and still keeps the load even.
import type { Server } from '../server.js';
import type { Balancer } from './balancer.js';
import { WeightLine } from './weight-line.js';

export class RandomDraws implements Balancer {
  private candidates: readonly Server[] = [];
  /** Of the candidates. */
  private line!: WeightLine;

  /** `draws`: from 1. `random`: from 0 up to below 1. */
  constructor(
    private readonly draws: number,
    private readonly random: () => number = Math.random,
  ) {}

  pick(candidates: readonly Server[]): Server | null {
    if (candidates.length < 2) return candidates.length === 0 ? null : candidates[0];
    if (candidates !== this.candidates) {
      this.candidates = candidates;
      this.line = new WeightLine(candidates);
    }
    let taken = this.draw();
    for (let i = 1; i < this.draws; i++) {
      const drawn = this.draw();
      if (drawn.loadOfAll * taken.weight < taken.loadOfAll * drawn.weight) taken = drawn;
    }
    return taken;
  }

  private draw(): Server {
    return this.line.at(this.random() * this.line.length);
  }
}
