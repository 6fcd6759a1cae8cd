// types and default_type: the Content-Type of texts that are returned, by what the path ends in.
import type { Scope } from './scope.js';

/** What nginx has without any "types". */
const builtIn: Readonly<Record<string, string>> = { html: 'text/html', gif: 'image/gif', jpg: 'image/jpeg' };

/** The maps from endings to types that are needed, by name. */
export class TypeMaps {
  readonly written: Record<string, { readonly value: string; readonly entries: Record<string, string>; readonly default: string }> = {};
  private readonly names = new Map<string, string>();

  /** The type as a template. `path`: the only one that comes to `scope`; null: there may be others. */
  templateFor(scope: Scope, path: string | null): string {
    const absent = literally(scope.text('default_type', 'text/plain'));
    const entries = entriesOf(scope);
    if (Object.keys(entries).length === 0) return absent;
    if (path !== null) return entries[/[^/]\.([^./]*)$/.exec(path)?.[1]?.toLowerCase() ?? ''] ?? absent;
    const key = JSON.stringify([entries, absent]);
    const name = this.names.get(key) ?? `types-${this.names.size + 1}`;
    this.names.set(key, name);
    this.written[name] = { value: '${path.extension}', entries, default: absent };
    return `\${map.${name}}`;
  }
}

/** A text of which a template makes itself: there are no variables in types. */
function literally(text: string): string {
  return text.split('${').join('$${');
}

function entriesOf(scope: Scope): Record<string, string> {
  const blocks = scope.all('types');
  if (blocks.length === 0) return { ...builtIn };
  return Object.fromEntries(
    blocks.flatMap(({ block }) => block ?? []).flatMap(({ name, args }) => args.map(({ text }) => [text.toLowerCase(), literally(name)])),
  );
}
