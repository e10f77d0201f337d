import type { RegistrySettings } from '../../../contract/registries-api.ts';
import type { RegistriesConfig } from './registries-config.ts';

/** What `registries.json` says of a registry, in the contract's form; nothing where it says nothing. */
export function settingsOf(config: RegistriesConfig['registries'][string] = {}): RegistrySettings {
  const { mirrors = [], insecure = false, ...said } = config;
  return {
    ...said,
    mirrors: mirrors.map((mirror) => (typeof mirror === 'string' ? { url: mirror } : mirror)),
    insecure,
  };
}
