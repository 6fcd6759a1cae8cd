// A reference to an upstream, wherever one may stand.
import { nearestName } from '../core/nearest-name.js';
import { rawText } from './raw.js';
import type { Path, Source } from './source.js';

/** A name that must be one of the upstreams. */
export function checkUpstreamName(source: Source, path: Path, written: unknown, upstreams: ReadonlySet<string>): void {
  const name = rawText(written);
  if (name === null || upstreams.has(name)) return;
  const nearest = nearestName(name, upstreams);
  if (nearest !== null) source.addAtValue(path, `there is no upstream "${name}"; write "${nearest}" instead`);
  else if (upstreams.size === 0)
    source.addAtValue(path, `there is no upstream "${name}"; write it under "upstreams": { "${name}": { "servers": [ … ] } }`);
  else source.addAtValue(path, `there is no upstream "${name}"; write ${[...upstreams].map((known) => `"${known}"`).join(' or ')} instead`);
}
