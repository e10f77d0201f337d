import type { Variables } from './word-expander.ts';

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

  set(name: string, value: string): void {
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

  /** The names that have a value, the stage's own first. */
  *names(): Generator<string> {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.base) {
      yield* scope.values.keys();
    }
  }
}
