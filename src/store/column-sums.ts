// What each worker publishes of itself, added up: for every worker the sum over the others. Pure; it is asked for what has
// changed when a round goes out.

/** What a worker is to be told. */
export interface OthersSum {
  readonly topic: string;
  readonly sum: number;
}

class Topic {
  readonly columns = new Map<number, number>();
  sum = 0;
}

export class ColumnSums {
  private readonly topics = new Map<string, Topic>();
  /** What each worker was told last, by topic. */
  private readonly told = new Map<number, Map<string, number>>();

  set(worker: number, topic: string, value: number): void {
    let entry = this.topics.get(topic);
    if (entry === undefined) {
      entry = new Topic();
      this.topics.set(topic, entry);
    }
    entry.sum += value - (entry.columns.get(worker) ?? 0);
    entry.columns.set(worker, value);
    if (!this.told.has(worker)) this.told.set(worker, new Map());
  }

  /** It has died: its figures are 0. */
  leave(worker: number): void {
    this.told.delete(worker);
    for (const [name, topic] of this.topics) {
      topic.sum -= topic.columns.get(worker) ?? 0;
      topic.columns.delete(worker);
      if (topic.columns.size === 0) this.topics.delete(name);
    }
  }

  /** What has changed for a worker since it was last asked for. Only topics in which it takes part itself. */
  changesFor(worker: number): OthersSum[] {
    const changes: OthersSum[] = [];
    const told = this.told.get(worker);
    if (told === undefined) return changes;
    for (const [name, topic] of this.topics) {
      const own = topic.columns.get(worker);
      if (own === undefined || topic.sum - own === (told.get(name) ?? 0)) continue;
      told.set(name, topic.sum - own);
      changes.push({ topic: name, sum: topic.sum - own });
    }
    return changes;
  }
}
