import type { Mirror, RegistryRow, RegistrySettings } from '../../src-main/contract/registries-api.ts';

export type FileField = 'ca' | 'clientCertificate' | 'clientKey';

interface Draft {
  readonly mirrors: readonly Mirror[];
  readonly endpoint: string;
  readonly insecure: boolean;
  readonly ca: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly blocked: boolean;
}

/** What is being changed of how a registry is reached, until it is saved. */
export class RegistryForm {
  readonly registry: string;
  draft = $state.raw<Draft>({
    mirrors: [],
    endpoint: '',
    insecure: false,
    ca: '',
    clientCertificate: '',
    clientKey: '',
    blocked: false,
  });
  readonly #before: string;
  readonly isChanged: boolean = $derived.by(() => JSON.stringify(this.settings) !== this.#before);
  /** What is wrong with an address, by the place of its field: `endpoint`, or the mirror's number. */
  readonly mistakes: ReadonlyMap<string, string> = $derived(mistakesOf(this.draft));

  constructor(row: RegistryRow) {
    this.registry = row.registry;
    this.draft = {
      mirrors: row.mirrors,
      endpoint: row.endpoint ?? '',
      insecure: row.insecure,
      ca: row.ca ?? '',
      clientCertificate: row.clientCertificate ?? '',
      clientKey: row.clientKey ?? '',
      blocked: row.blocked ?? false,
    };
    this.#before = JSON.stringify(this.settings);
  }

  get settings(): RegistrySettings {
    const { mirrors, endpoint, insecure, ca, clientCertificate, clientKey, blocked } = this.draft;
    return {
      mirrors: mirrors
        .map((mirror) => ({ ...mirror, url: mirror.url.trim() }))
        .filter(({ url }) => url !== ''),
      insecure,
      ...said({ endpoint, ca, clientCertificate, clientKey }),
      ...(blocked ? { blocked } : {}),
    };
  }

  get canSave(): boolean {
    return this.isChanged && this.mistakes.size === 0;
  }

  change(more: Partial<Draft>): void {
    this.draft = { ...this.draft, ...more };
  }

  addMirror(): void {
    this.change({ mirrors: [...this.draft.mirrors, { url: '' }] });
  }

  setMirror(at: number, url: string): void {
    this.change({ mirrors: this.draft.mirrors.map((mirror, i) => (i === at ? { ...mirror, url } : mirror)) });
  }

  removeMirror(at: number): void {
    this.change({ mirrors: this.draft.mirrors.filter((_, i) => i !== at) });
  }

  /** Moves a mirror by one place; at an end nothing happens. */
  moveMirror(at: number, by: -1 | 1): void {
    const mirrors = [...this.draft.mirrors];
    const [moved] = mirrors.splice(at, 1);
    if (moved === undefined || at + by < 0 || at + by > mirrors.length) return;
    mirrors.splice(at + by, 0, moved);
    this.change({ mirrors });
  }
}

function said<Key extends string>(fields: Readonly<Record<Key, string>>): Partial<Record<Key, string>> {
  const entries = Object.entries<string>(fields).map(([key, value]) => [key, value.trim()] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== '')) as Partial<Record<Key, string>>;
}

function mistakesOf({ mirrors, endpoint }: Draft): ReadonlyMap<string, string> {
  const fields: readonly (readonly [string, string])[] = [
    ['endpoint', endpoint],
    ...mirrors.map(({ url }, i) => [String(i), url] as const),
  ];
  return new Map(
    fields
      .filter(([, address]) => address.trim() !== '' && !isHttpAddress(address.trim()))
      .map(([field]) => [field, 'Write an address that begins with https:// or http://']),
  );
}

function isHttpAddress(text: string): boolean {
  return /^https?:\/\/[^/\s]+/.test(text) && URL.canParse(text);
}
