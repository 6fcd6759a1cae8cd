// The fields that belong to one connection or say where a message ends: the engine alone writes them, rules never do.

/** RFC 9110 §7.6.1, RFC 9112 §6; `Host` is not among them, as replacing it is common. */
const engineFields: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether the field is the engine's. `name` in any case. */
export function isEngineField(name: string): boolean {
  return engineFields.has(name.toLowerCase());
}
