import type { Variables } from './word-expander.ts';

/** Stages whose names are looked through for one that was meant. */
const MAX_CHAIN = 50;

/**
 * The variables of a stage: those it sets itself and, through its base, those of the stages below. A stage
 * costs what it adds, however long the chain of stages is.
 */
export class Scope implements Variables {
  private readonly base: Scope | undefined;
  private readonly values = new Map<string, string>();
  private readonly declared = new Set<string>();

  constructor(base: Scope | undefined) {
    this.base = base;
  }

  get(name: string): string | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.base) {
      const value = scope.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** A name that is set again comes last. */
  set(name: string, value: string): void {
    this.values.delete(name);
    this.values.set(name, value);
  }

  /** Notes that ARG names the variable, with or without a value. */
  declare(name: string): void {
    this.declared.add(name);
  }

  isDeclared(name: string): boolean {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.base) {
      if (scope.declared.has(name)) return true;
    }
    return false;
  }

  /** The names that have a value in the order in which they were last set; of long chains of stages the nearest. */
  *names(): Generator<string> {
    const chain: Scope[] = [];
    for (
      let scope: Scope | undefined = this;
      scope !== undefined && chain.length < MAX_CHAIN;
      scope = scope.base
    ) {
      chain.push(scope);
    }
    for (let at = chain.length - 1; at >= 0; at -= 1) {
      const later = chain.slice(0, at);
      for (const name of chain[at]?.values.keys() ?? []) {
        if (!later.some((scope) => scope.values.has(name))) yield name;
      }
    }
  }
}
