// What is known where a location is translated.
import type { TranslationBuilder } from '../translation-builder.js';
import type { TypeMaps } from './types.js';
import type { NginxUpstreams } from './upstreams.js';
import type { ValueTranslator } from './variables.js';

type Route = Record<string, unknown>;

export interface LocationParts {
  readonly builder: TranslationBuilder;
  readonly values: ValueTranslator;
  readonly upstreams: NginxUpstreams;
  /** Maps of the configuration by name, their possible results where these are all constant. */
  readonly mapResults: ReadonlyMap<string, readonly string[]>;
  readonly types: TypeMaps;
  readonly ownOrigin: string;
  /** Named locations of the server: the names of their routes. */
  readonly routeNames: ReadonlyMap<string, string>;
  /** The error pages of the server, which its locations have from it. */
  readonly serverPages: readonly Route[];
}

export interface LocationMatch {
  readonly head: Route;
  /** The prefix or the exact path; '' for patterns and names. */
  readonly path: string;
  readonly isNamed: boolean;
}
