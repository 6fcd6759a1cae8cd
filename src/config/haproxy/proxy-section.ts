// One frontend, backend or listen as its statements leave it: what the keywords write into and the document is made of.

import type { Answer } from './built-in-answers.js';
import { Acls } from './condition.js';
import type { ErrorFiles } from './error-sections.js';
import type { Place } from './known-samples.js';
import type { MapFiles } from './map-files.js';
import type { Report, Spot } from './report.js';
import type { SampleUse } from './sample.js';
import type { ProxyKind, Section } from './sections.js';
import type { Member } from './server.js';
import type { PlacedWord } from './statements.js';

/** A part of the document with the place that it came from. */
export interface Part {
  readonly value: Readonly<Record<string, unknown>>;
  readonly at: Spot;
  /** The value answers with the page for this status, which another line or section may have. */
  readonly page?: number;
}

export interface BackendChoice {
  readonly condition: unknown;
  readonly backend: PlacedWord;
  /** The Value that reads the backend's name; null: it is written. */
  readonly computed: string | null;
}

export interface Bind {
  /** As the document writes it. */
  readonly address: string;
  readonly at: Spot;
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ForwardFor {
  readonly header: string;
  readonly isIfNone: boolean;
  readonly except: string | null;
  readonly at: Spot;
}

const placesOf: Readonly<Record<ProxyKind, readonly Place[]>> = {
  defaults: ['frontend', 'backend'],
  frontend: ['frontend'],
  backend: ['backend'],
  listen: ['frontend', 'backend'],
};

export class ProxySection {
  readonly acls: Acls;
  /** Where its rules for requests fetch their samples; those of a defaults section wherever they may be inherited. */
  requestPlaces: readonly Place[];
  mode: 'http' | 'tcp' = 'tcp';
  isDisabled = false;
  /** Milliseconds by the name of the timeout; 0: none. */
  readonly timeouts = new Map<string, { ms: number; at: Spot }>();
  readonly binds: Bind[] = [];
  /** What "id" says, of each bind line. */
  readonly bindIds: PlacedWord[][] = [];
  /** What "proto" of bind lines says. */
  readonly bindProtocols: PlacedWord[] = [];
  readonly servers: Part[] = [];
  /** All server lines, also those that are no part of the document. */
  readonly members: Member[] = [];
  /** The settings of default-server, the last ones last. */
  readonly serverDefaults: PlacedWord[] = [];
  /** Whether some server is to be checked, and so can be found down. */
  isChecked = false;
  proxyProtocol: 'v1' | 'v2' | null = null;
  balance: { value: unknown; at: Spot } | null = null;
  /** For a balance by hash. */
  hash: Part | null = null;
  sticky: Part | null = null;
  /** tcp-request connection, or session. */
  readonly connectionRules: Part[] = [];
  /** Which of the two; '' while there are none. */
  connectionKeyword = '';
  readonly requestRules: Part[] = [];
  readonly redirectRules: Part[] = [];
  /** http-response: for responses of servers. */
  readonly responseRules: Part[] = [];
  /** http-after-response: for every response. */
  readonly afterRules: Part[] = [];
  readonly choices: BackendChoice[] = [];
  defaultBackend: PlacedWord | null = null;
  forwardFor: ForwardFor | null = null;
  readonly errorPages = new Map<number, { answer: Answer; at: Spot }>();
  monitorUri: PlacedWord | null = null;
  maxConnections: { value: number; at: Spot } | null = null;
  retries: { value: number; at: Spot } | null = null;
  isRedispatched = false;
  closesToServer: Spot | null = null;
  abortsOnClose = false;
  log: 'stdout' | 'stderr' | null = null;
  logFormat: { value: string; at: Spot } | null = null;

  constructor(
    readonly section: Section,
    readonly report: Report,
    readonly global: GlobalSettings,
  ) {
    this.acls = new Acls(report, global.maps);
    this.requestPlaces = placesOf[section.kind];
  }

  /** What follows stands in a section of this kind, which names its own ACLs: in this one, or one that it inherits from. */
  enter(kind: ProxyKind): void {
    this.acls.forget();
    this.requestPlaces = this.isFrontend ? placesOf[kind] : placesOf[this.section.kind];
  }

  /** What samples in these places are read for. */
  useIn(places: readonly Place[]): SampleUse {
    const isOfRequest = places.includes(this.isFrontend ? 'frontend' : 'backend') && !places.includes('response');
    return { places, maps: this.global.maps, ...(isOfRequest && { ownBackend: this.name }) };
  }

  get name(): string {
    return this.section.name;
  }

  get isFrontend(): boolean {
    return this.section.kind === 'frontend' || this.section.kind === 'listen';
  }

  get isBackend(): boolean {
    return this.section.kind === 'backend' || this.section.kind === 'listen';
  }
}

/** What the global section says to the others. */
export interface GlobalSettings {
  /** The document's own keys. */
  readonly root: Record<string, unknown>;
  /** The places of those. */
  readonly places: Map<string, Spot>;
  certificateFolder: string;
  /** Keys of "tls" that every listener with TLS gets. */
  readonly tls: Record<string, unknown>;
  log: 'stdout' | 'stderr' | null;
  readonly maps: MapFiles;
  readonly errorFiles: ErrorFiles;
}
