import type { Area, Calls, Method } from '../contract/method.ts';

/** Methods by area: what one port speaks. */
export type Contract = Readonly<Record<string, Area>>;

/** The functions that a contract describes. */
export type ApiOf<C extends Contract> = { readonly [Name in keyof C]: Calls<C[Name]> };

/** The same functions to a boundary, which knows their names only at run time. */
export type AnyCall = (
  params: unknown,
  options?: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((item: unknown) => void) | undefined;
  },
) => Promise<unknown>;

/** The method's schemas, or undefined when the contract has none of that name. */
export function findMethod(contract: Contract, area: string, name: string): Method | undefined {
  const methods = Object.hasOwn(contract, area) ? contract[area] : undefined;
  return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** An API whose every function is made by `create`. */
export function createApi<C extends Contract>(
  contract: C,
  create: (area: string, name: string, method: Method) => AnyCall,
): ApiOf<C> {
  // The contract's own keys made it, so it has the contract's shape.
  return mapCalls(contract, create) as ApiOf<C>;
}

/** Functions by area, each made of what stands under its name: a method's schemas, or a call. */
export function mapCalls<Named>(
  areas: Readonly<Record<string, Readonly<Record<string, Named>>>>,
  create: (area: string, name: string, named: Named) => AnyCall,
): Readonly<Record<string, Readonly<Record<string, AnyCall>>>> {
  const mapped = Object.entries(areas).map(([area, named]) => {
    const calls = Object.entries(named).map(([name, one]) => [name, create(area, name, one)] as const);
    return [area, Object.freeze(Object.fromEntries(calls))] as const;
  });
  return Object.freeze(Object.fromEntries(mapped));
}
