// The files with certificates and keys that a configuration names, each read once: what was checked is what is served, in
// every worker alike, whatever happens to the file meanwhile. It judges nothing.
import { readFileSync } from 'node:fs';

export class CertificateFiles {
  private readonly texts = new Map<string, string>();
  private readonly named = new Set<string>();

  /** The file's bytes as latin1 text, the same for each call. Throws the system's error. */
  read(path: string): string {
    this.named.add(path);
    let text = this.texts.get(path);
    if (text === undefined) {
      text = readFileSync(path, 'latin1');
      this.texts.set(path, text);
    }
    return text;
  }

  /** Every path that was asked for, those among them that could not be read. */
  get paths(): string[] {
    return [...this.named];
  }
}
