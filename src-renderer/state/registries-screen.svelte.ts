import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { RegistryCheck, RegistryRow } from '../../src-main/contract/registries-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { Latest } from './latest.ts';
import { RegistryForm } from './registry-form.svelte.ts';
import { RemoteRepository } from './remote-repository.svelte.ts';
import { RepositoryList } from './repository-list.svelte.ts';

/** The Registries screen: those known, how the chosen one is reached, and what is in it. */
export class RegistriesScreen {
  rows = $state.raw<readonly RegistryRow[]>();
  failure = $state.raw<Failure>();
  selectedName = $state<string>();
  form = $state.raw<RegistryForm>();
  saveFailure = $state.raw<Failure>();
  isSaving = $state(false);
  isChecking = $state(false);
  /** What the last check of the chosen registry said. */
  checked = $state.raw<RegistryCheck>();
  checkFailure = $state.raw<Failure>();
  /** Whether the dialog that asks for a new registry is open. */
  adding = $state(false);
  /** The registry that the Log in… dialog is open for. */
  loggingIn = $state<string>();
  /** What else is to be known after the last login or logout. */
  loginNote = $state<string>();
  repositories = $state.raw<RepositoryList>();
  /** The repository whose tags are shown in place of the registry's settings. */
  repository = $state.raw<RemoteRepository>();
  readonly selected: RegistryRow | undefined = $derived(
    this.rows?.find((row) => row.registry === this.selectedName),
  );
  readonly #engine: EngineApi;
  readonly #list = new Latest();
  readonly #check = new Latest();
  /** Told after a login or logout, whoever asked for it. */
  #afterLogin: (() => void) | undefined;

  constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** Asks for the list again; what is chosen and what is being edited stay as they are. */
  async refresh(): Promise<void> {
    const signal = this.#list.next();
    try {
      const known = await this.#engine.registries.list({}, { signal });
      if (signal.aborted) return;
      const rows = withChosen(known, this.selected);
      this.rows = rows;
      this.failure = undefined;
      if (this.selected === undefined) this.select(rows[0]?.registry);
      else if (this.form?.isChanged !== true) this.form = new RegistryForm(this.selected);
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  select(registry: string | undefined): void {
    this.closeRepository();
    if (registry === this.selectedName && this.form !== undefined) return;
    this.selectedName = registry;
    this.#check.stop();
    this.isChecking = false;
    this.checked = undefined;
    this.checkFailure = undefined;
    this.saveFailure = undefined;
    this.loginNote = undefined;
    this.form = this.selected === undefined ? undefined : new RegistryForm(this.selected);
    this.repositories?.close();
    this.repositories =
      this.selected === undefined ? undefined : new RepositoryList(this.#engine, this.selected.registry);
  }

  discard(): void {
    this.saveFailure = undefined;
    if (this.selected !== undefined) this.form = new RegistryForm(this.selected);
  }

  async save(): Promise<void> {
    const { form } = this;
    if (form?.canSave !== true) return;
    this.saveFailure = undefined;
    this.isSaving = true;
    try {
      await this.#engine.registries.set({ registry: form.registry, settings: form.settings });
      if (this.form === form) this.form = undefined;
      await this.refresh();
    } catch (error) {
      this.saveFailure = toFailure(error);
    } finally {
      this.isSaving = false;
    }
  }

  /** Puts a registry into the list and chooses it. Rejects when its name is none, or the file cannot be written. */
  async add(registry: string): Promise<void> {
    const isKnown = this.rows?.some((row) => row.registry === registry) === true;
    if (!isKnown) {
      const settings = { mirrors: [], insecure: false };
      await this.#engine.registries.set({ registry, settings });
      await this.refresh();
    }
    this.adding = false;
    this.select(registry);
  }

  /** Takes the chosen registry out of `registries.json`; it stays in the list while something else names it. */
  async forget(): Promise<void> {
    const { selectedName } = this;
    if (selectedName === undefined) return;
    try {
      await this.#engine.registries.remove({ registry: selectedName });
      this.select(undefined);
      await this.refresh();
      if (this.rows?.some(({ registry }) => registry === selectedName) === true) this.select(selectedName);
    } catch (error) {
      this.saveFailure = toFailure(error);
    }
  }

  async check(): Promise<void> {
    const registry = this.selectedName;
    if (registry === undefined) return;
    const signal = this.#check.next();
    this.isChecking = true;
    this.checkFailure = undefined;
    try {
      const checked = await this.#engine.registries.check({ registry }, { signal });
      if (!signal.aborted) this.checked = checked;
    } catch (error) {
      if (!signal.aborted) this.checkFailure = toFailure(error);
    } finally {
      if (!signal.aborted) this.isChecking = false;
    }
  }

  stopCheck(): void {
    this.#check.stop();
    this.isChecking = false;
  }

  /** Opens the Log in… dialog; `then` is called once someone is logged in. */
  askLogin(registry: string, then?: () => void): void {
    this.loggingIn = registry;
    this.#afterLogin = then;
  }

  /** Rejects when the registry does not take it, so that the dialog can say so. The password is kept nowhere here. */
  async login(username: string, password: string): Promise<void> {
    const registry = this.loggingIn;
    if (registry === undefined) return;
    const { weakness } = await this.#engine.registries.login({ registry, username, password });
    this.loginNote = weakness === undefined ? undefined : `It is not sealed: ${weakness}.`;
    this.loggingIn = undefined;
    await this.#loginChanged();
    this.#afterLogin?.();
    this.#afterLogin = undefined;
  }

  async logout(): Promise<void> {
    const registry = this.selectedName;
    if (registry === undefined) return;
    try {
      const { remaining } = await this.#engine.registries.logout({ registry });
      this.loginNote =
        remaining === undefined ? undefined : 'This login is another program’s, and is used from now on.';
      await this.#loginChanged();
    } catch (error) {
      this.saveFailure = toFailure(error);
    }
  }

  openRepository(name: string): void {
    const registry = this.selectedName;
    if (registry === undefined || this.repository?.name === `${registry}/${name}`) return;
    this.repository?.close();
    this.repository = new RemoteRepository(this.#engine, registry, name);
    void this.repository.load();
  }

  /** After something was pushed: repositories and tags that are shown may have become more. */
  changedThere(): void {
    void this.repositories?.reload();
    void this.repository?.load();
  }

  closeRepository(): void {
    this.repository?.close();
    this.repository = undefined;
  }

  async #loginChanged(): Promise<void> {
    await this.refresh();
    void this.repositories?.reload();
    if (this.repository?.failure !== undefined) void this.repository.load();
  }
}

/** One that was known by its login alone stays in the list after the logout, while it is chosen. */
function withChosen(rows: readonly RegistryRow[], chosen: RegistryRow | undefined): readonly RegistryRow[] {
  if (chosen === undefined || rows.some(({ registry }) => registry === chosen.registry)) return rows;
  const { login: _, ...row } = chosen;
  return [...rows, row];
}
